import type { ErrorBody } from '@maru/contracts';
import { io, type Socket } from 'socket.io-client';
import type { Maru } from '../support/maru';

/** A route of each service that checks tokens by itself. */
const checked = ['/users/me', '/auth/sessions', '/rooms'];

/** What each place that checks tokens says of this one: `taken`, or the code of its refusal. */
export async function verdicts(maru: Maru, token: string): Promise<Record<string, string>> {
  const overRest = checked.map(async (path): Promise<[string, string]> => {
    const { status, body } = await maru.rest().ask<Partial<ErrorBody>>('GET', path, token);
    return [path, status === 200 ? 'taken' : `${body.code}`];
  });
  const overSockets = maru.urls.map(async (url, index): Promise<[string, string]> => [
    `gateway ${index + 1}`,
    await handshake(url, token),
  ]);
  return Object.fromEntries(await Promise.all([...overRest, ...overSockets]));
}

/** The same verdict from all of them. */
export const everywhere = (maru: Maru, verdict: string): Record<string, string> =>
  Object.fromEntries(
    [...checked, ...maru.urls.map((_, index) => `gateway ${index + 1}`)].map((place) => [place, verdict]),
  );

async function handshake(url: string, token: string): Promise<string> {
  const socket = openSocket(url, token);
  try {
    return await new Promise<string>((resolve) => {
      socket.on('connect', () => resolve('taken'));
      socket.on('connect_error', (error: Error & { data?: Partial<ErrorBody> }) =>
        resolve(error.data?.code ?? error.message),
      );
    });
  } finally {
    socket.disconnect();
  }
}

export const openSocket = (url: string, token: string): Socket =>
  io(url, { auth: { token }, transports: ['websocket'], forceNew: true, reconnection: false });
