import type { RoomEvent } from '@maru/contracts';
import { askOverRest } from './ask-over-rest';
import type { ChatSocket, Hello, SocketEars } from './chat-socket';
import { Rest } from './rest';

/** What a client of streams keeps between them. */
export interface StreamMemory {
  lastId: string;
}

/**
 * Hears by server-sent events and asks over REST. A stream may say again what came after its last id: what is not above
 * the last seq of its room is dropped, as its page says.
 */
export function eventStream(url: string, hello: Hello, memory: StreamMemory, ears: SocketEars): ChatSocket {
  const { token } = hello;
  const abort = new AbortController();
  const last = new Map(Object.entries(hello.resume ?? {}));
  let connected = false;
  const take = (block: string): void => {
    const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s) as [string, string]));
    memory.lastId = fields.get('id') ?? memory.lastId;
    const [name, data] = [fields.get('event'), fields.get('data')];
    if (name === undefined || data === undefined) return;
    const body = JSON.parse(data) as RoomEvent;
    if (name !== 'read' && typeof body.seq === 'number') {
      if (body.seq <= (last.get(body.roomId) ?? 0)) return;
      last.set(body.roomId, body.seq);
    }
    ears.hear(name, body);
  };
  const listen = async (): Promise<string> => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(memory.lastId !== '' && { 'last-event-id': memory.lastId }),
    };
    const timer = setTimeout(() => abort.abort(), 5000);
    const answer = await fetch(`${url}/api/stream`, { headers, signal: abort.signal }).finally(() =>
      clearTimeout(timer),
    );
    if (!answer.ok) return ((await answer.json()) as { code: string }).code;
    connected = true;
    ears.connected();
    let rest = '';
    for await (const text of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const blocks = (rest + text).split('\n\n');
      rest = blocks.pop() ?? '';
      blocks.forEach(take);
    }
    return 'the stream has ended';
  };
  let silent = false;
  listen()
    .catch((error: Error) => error.message)
    .then((code) => {
      connected = false;
      if (!silent) ears.over(code);
      silent = true;
    })
    .catch(() => undefined);
  return {
    get connected() {
      return connected;
    },
    ask: (event, [payload], withinMs) => askOverRest(new Rest(url, withinMs), token, event, payload),
    cut: () => abort.abort(),
    close: () => {
      silent = true;
      abort.abort();
    },
  };
}
