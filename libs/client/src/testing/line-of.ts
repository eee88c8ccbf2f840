import type { WebSocketClass, WebSocketLike } from '../surroundings';

/** A line whose server lets this user in and agrees to all that he asks. `tell` is what it says by itself. */
export function lineOf(userId: string) {
  const lines: OneLine[] = [];
  class OneLine implements WebSocketLike {
    readyState = 1;
    onopen: WebSocketLike['onopen'] = null;
    onmessage: WebSocketLike['onmessage'] = null;
    onclose: WebSocketLike['onclose'] = null;
    onerror: WebSocketLike['onerror'] = null;

    constructor() {
      lines.push(this);
      queueMicrotask(() => this.onopen?.({} as never));
    }

    send(data: string): void {
      const { id } = JSON.parse(data) as { id: string | number };
      const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
      this.says({ reply: id, ok: true, userId, expiresAt });
    }

    says(frame: object): void {
      this.onmessage?.({ data: JSON.stringify(frame) } as never);
    }

    close(): void {
      this.readyState = 3;
    }
  }
  const tell = (event: string, body: object): void => lines.at(-1)?.says({ event, body });
  return { WebSocket: OneLine as WebSocketClass, tell };
}
