import { clientEvents, type ClientPayload } from '@maru/contracts';
import { badRequest } from '@maru/service-kit';
import type { IConnectPacket } from 'mqtt-packet';
import { readMessage } from './message';
import { reasons, wrong } from './reasons';
import { publishedRoom } from './topics';

/** What is said for a client that goes without a word. */
export interface Will {
  message: ClientPayload<'sendMessage'>;
  delayMs: number;
}

/** @throws Refusal, or CodedError when what it would say is no message. */
export function readWill({ will }: IConnectPacket): Will | undefined {
  if (will === undefined) return undefined;
  if (will.retain === true) throw wrong(reasons.retain, 'A will is not retained here.');
  if ((will.qos ?? 0) > 1) throw wrong(reasons.qos, 'A will has QoS 0 or 1.');
  const roomId = publishedRoom(will.topic);
  if (roomId === undefined) {
    throw wrong(reasons.topicInvalid, 'A will goes to rooms/{roomId}/messages and nowhere else.');
  }
  const body = readMessage(roomId, will.payload, will.properties?.userProperties);
  const message = clientEvents.sendMessage.safeParse(body);
  if (!message.success) throw badRequest(message.error.issues);
  return { message: message.data, delayMs: (will.properties?.willDelayInterval ?? 0) * 1000 };
}
