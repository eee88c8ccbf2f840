import { generate, type IConnackPacket, type Packet } from 'mqtt-packet';
import { maxPayloadBytes } from '@maru/contracts';
import type { Hello } from './hello';
import type { Version } from './packet-reader';
import { type Refusal, reasons, returnCode } from './reasons';

/** What this door says of itself, to clients of MQTT 5. */
export interface Welcome {
  hello: Hello;
  sessionPresent: boolean;
  maxOutstanding: number;
}

const bytesOf = (packet: Packet, protocolVersion: Version): Buffer => generate(packet, { protocolVersion });

const told = ({ body, message }: Refusal) => ({
  reasonString: `${body.code}: ${message}`.slice(0, 1000),
  userProperties: {
    code: body.code,
    ...(body.retryAfterMs !== undefined && { retryAfterMs: String(body.retryAfterMs) }),
  },
});

export function connack({ hello, sessionPresent, maxOutstanding }: Welcome): Buffer {
  if (hello.version === 4) return bytesOf({ cmd: 'connack', returnCode: 0, sessionPresent }, 4);
  const properties: NonNullable<IConnackPacket['properties']> = {
    sessionExpiryInterval: hello.expirySeconds,
    receiveMaximum: Math.min(maxOutstanding, 65_535),
    maximumQoS: 1,
    retainAvailable: false,
    maximumPacketSize: maxPayloadBytes,
    subscriptionIdentifiersAvailable: false,
    sharedSubscriptionAvailable: false,
    ...(hello.assigned && { assignedClientIdentifier: hello.clientId }),
  };
  return bytesOf({ cmd: 'connack', reasonCode: 0, sessionPresent, properties }, 5);
}

export function refusedConnack(version: Version, refusal: Refusal): Buffer {
  const head = { cmd: 'connack' as const, sessionPresent: false };
  if (version === 4) return bytesOf({ ...head, returnCode: returnCode(refusal.reason) }, 4);
  return bytesOf({ ...head, reasonCode: refusal.reason, properties: told(refusal) }, 5);
}

/** In MQTT 3.1.1 a server has no such word. */
export const disconnect = (refusal: Refusal): Buffer =>
  bytesOf({ cmd: 'disconnect', reasonCode: refusal.reason, properties: told(refusal) }, 5);

/** `explained`: whether the client wants to know more than a code. */
export interface Speech {
  version: Version;
  explained: boolean;
}

export function puback(
  { version, explained }: Speech,
  messageId: number,
  userProperties: Record<string, string>,
): Buffer {
  if (version === 4) return bytesOf({ cmd: 'puback', messageId }, 4);
  return bytesOf(
    { cmd: 'puback', messageId, reasonCode: 0, ...(explained && { properties: { userProperties } }) },
    5,
  );
}

export const refusedPuback = ({ explained }: Speech, messageId: number, refusal: Refusal): Buffer =>
  bytesOf(
    { cmd: 'puback', messageId, reasonCode: refusal.reason, ...(explained && { properties: told(refusal) }) },
    5,
  );

/** `granted`: a QoS, or the reason of a refusal, which in MQTT 3.1.1 is always the same. */
export const suback = ({ version }: Speech, messageId: number, granted: number[]): Buffer =>
  bytesOf(
    {
      cmd: 'suback',
      messageId,
      granted: version === 5 ? granted : granted.map((code) => Math.min(code, reasons.unspecified)),
    },
    version,
  );

export const unsuback = ({ version }: Speech, messageId: number, granted: number[]): Buffer =>
  bytesOf({ cmd: 'unsuback', messageId, granted }, version);

export const pingresp = Buffer.from([0xd0, 0]);
