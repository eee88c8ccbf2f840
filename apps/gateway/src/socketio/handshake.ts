import { CodedError, handshake } from '@maru/contracts';
import { badRequest, type Identity, toCodedError } from '@maru/service-kit';
import type { ExtendedError, Socket } from 'socket.io';
import type { Arrivals } from '../door/arrivals.service';

/** What a socket carries from its handshake to its connection. */
export interface Arrival {
  identity: Identity;
  resume: Record<string, number>;
}

/** Checks a handshake before the socket is accepted. @throws CodedError */
export async function arrive(auth: unknown, arrivals: Pick<Arrivals, 'verify'>): Promise<Arrival> {
  const result = handshake.safeParse(auth);
  if (!result.success) {
    const { token } = (auth ?? {}) as { token?: unknown };
    throw typeof token === 'string' && token !== ''
      ? badRequest(result.error.issues)
      : new CodedError('unauthenticated', 'A valid access token is needed in auth.token of the handshake.');
  }
  return { identity: await arrivals.verify(result.data.token), resume: result.data.resume ?? {} };
}

/** `connect_error` as the client gets it: `data` is `{code, message, retryable}`. */
export function connectError(error: unknown): ExtendedError {
  const body = toCodedError(error).toBody();
  return Object.assign(new Error(body.message), { data: body });
}

/** Lets go of what a connected socket needs no more: headers, the token, the resume. */
export function forgetHandshake(socket: Socket): void {
  Object.assign(socket, { handshake: nothing, data: nothing });
}
const nothing = Object.freeze({ headers: {}, auth: {}, query: {} });
