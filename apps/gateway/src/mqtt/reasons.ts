import type { ClosingCode } from '@maru/contracts';
import { toCodedError } from '@maru/service-kit';

/** Reason codes of MQTT 5 that this door gives. */
export const reasons = {
  success: 0x00,
  disconnectWithWill: 0x04,
  noSubscription: 0x11,
  unspecified: 0x80,
  malformed: 0x81,
  protocolError: 0x82,
  notAsDocumented: 0x83,
  version: 0x84,
  clientId: 0x85,
  badLogin: 0x86,
  notAuthorized: 0x87,
  unavailable: 0x88,
  busy: 0x89,
  shuttingDown: 0x8b,
  authenticationMethod: 0x8c,
  keepAlive: 0x8d,
  takenOver: 0x8e,
  filterInvalid: 0x8f,
  topicInvalid: 0x90,
  aliasInvalid: 0x94,
  tooLarge: 0x95,
  quota: 0x97,
  payloadInvalid: 0x99,
  retain: 0x9a,
  qos: 0x9b,
  sharedSubscription: 0x9e,
  connectionRate: 0x9f,
  connectTime: 0xa0,
  subscriptionId: 0xa1,
} as const;

/** What our errors are called in a CONNACK and in a PUBACK, by their HTTP status. */
const byStatus: Record<number, { connack: number; puback: number }> = {
  400: { connack: reasons.notAsDocumented, puback: reasons.payloadInvalid },
  401: { connack: reasons.badLogin, puback: reasons.notAuthorized },
  403: { connack: reasons.notAuthorized, puback: reasons.notAuthorized },
  404: { connack: reasons.notAuthorized, puback: reasons.notAuthorized },
  409: { connack: reasons.notAsDocumented, puback: reasons.notAsDocumented },
  413: { connack: reasons.tooLarge, puback: reasons.payloadInvalid },
  429: { connack: reasons.connectionRate, puback: reasons.quota },
  503: { connack: reasons.unavailable, puback: reasons.quota },
};
const other = { connack: reasons.unspecified, puback: reasons.unspecified };

/** Why the gateway ends a connection, in a DISCONNECT. */
export const closingReasons: Record<ClosingCode, number> = {
  shutdown: reasons.shuttingDown,
  too_slow: reasons.quota,
  unavailable: reasons.busy,
  frame_too_large: reasons.tooLarge,
  token_expired: reasons.connectTime,
  session_ended: reasons.notAuthorized,
};

/** What is told beside a reason code: one of our codes, and what exactly is wrong. */
interface Told {
  code: string;
  message: string;
  retryable?: boolean;
  retryAfterMs?: number;
}

/** Something that is not done, told by a reason code of its own. */
export class Refusal extends Error {
  constructor(
    readonly reason: number,
    readonly body: Told,
  ) {
    super(body.message);
  }
}

/** What the protocol itself forbids. */
export const wrong = (reason: number, message: string): Refusal =>
  new Refusal(reason, { code: 'bad_request', message });

export const refusalOf = (error: unknown, where: 'connack' | 'puback'): Refusal => {
  if (error instanceof Refusal) return error;
  const coded = toCodedError(error);
  return new Refusal((byStatus[coded.status] ?? other)[where], coded.toBody());
};

/** The five codes with which a CONNACK of MQTT 3.1.1 refuses. */
export function returnCode(reason: number): number {
  if (reason === reasons.version) return 1;
  if (reason === reasons.clientId) return 2;
  if (reason === reasons.badLogin) return 4;
  const later: number[] = [
    reasons.unavailable,
    reasons.busy,
    reasons.connectionRate,
    reasons.quota,
    reasons.unspecified,
  ];
  return later.includes(reason) ? 3 : 5;
}
