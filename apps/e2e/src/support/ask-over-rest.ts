import { Rest, RestError } from './rest';

interface Payload {
  roomId: string;
  id: string;
  text: string;
  seq?: number;
}

const routes: Record<string, (rest: Rest, token: string, payload: Payload) => Promise<object>> = {
  sendMessage: (rest, token, { roomId, ...message }) => rest.post(token, roomId, message),
  joinRoom: (rest, token, { roomId }) => rest.join(token, roomId),
  leaveRoom: (rest, token, { roomId }) => rest.remove(token, roomId, userOf(token)),
  read: (rest, token, { roomId, seq = 0 }) => rest.read(token, roomId, seq),
};

/** What a client event asks for, over REST: for doors that do not carry it. @throws Error when there is no answer. */
export async function askOverRest(rest: Rest, token: string, event: string, payload: unknown) {
  try {
    return { ok: true, ...(await routes[event]?.(rest, token, payload as Payload)) };
  } catch (error) {
    if (error instanceof RestError) return { ok: false, error: error.body };
    throw error;
  }
}

const userOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sub: string }).sub;
