import type { ErrorBody, ServerEvents } from '@maru/contracts';
import { MaruError } from '../errors';
import type { WebSocketClass, WebSocketLike } from '../surroundings';
import type { Timing } from '../timing';
import type { Ending } from './endings';

/** What is heard of a line, in order; `over` once, as the last. */
export interface LineEars {
  hello(body: { userId: string; expiresAt: string }): void;
  hear(event: string, body: unknown): void;
  over(ending: Ending): void;
}
type Frame = {
  reply?: string | number | null;
  event?: string;
  body?: unknown;
  ok?: boolean;
  error?: ErrorBody;
};
interface Asked {
  resolve: (body: object) => void;
  reject: (error: MaruError) => void;
  timer: ReturnType<typeof setTimeout>;
}

const helloId = 0;
const open = 1;
/** Larger frames end the connection (docs/doors). */
const maxFrameBytes = 64 * 1024;

/**
 * One WebSocket at `/ws`, from its first frame to its end. A line on which nothing comes is asked for a sign of life;
 * one that gives none is over, whatever the network says.
 */
export class Line {
  private readonly socket: WebSocketLike;
  private readonly asked = new Map<string | number, Asked>();
  private count = helloId;
  private ended = false;
  /** What is sent before the server has let us in makes it turn us away. */
  private letIn = false;
  private refusal: Ending['refusal'];
  private closing: Ending['closing'];
  private quiet: ReturnType<typeof setTimeout>;

  constructor(
    url: string,
    WebSocket: WebSocketClass,
    hello: { token: string; resume: Record<string, number> },
    private readonly timing: Timing,
    private readonly ears: LineEars,
  ) {
    this.quiet = setTimeout(() => this.broken('it did not open in time'), timing.openMs);
    this.socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws`);
    this.socket.onopen = () => this.write({ id: helloId, type: 'connect', ...hello });
    this.socket.onmessage = ({ data }: { data: unknown }) => this.take(String(data));
    this.socket.onclose = ({ code, reason }: { code: number; reason: string }) =>
      this.end({ status: code, reason });
    // A browser tells nothing by it, and `onclose` follows.
    this.socket.onerror = () => undefined;
  }

  /** The answer to one client event. @throws MaruError as the server refused it, or `network`: nobody knows. */
  ask(type: string, payload: object, name?: string): Promise<object> {
    const id = name ?? ++this.count;
    const frame = JSON.stringify({ ...payload, id, type });
    if (new TextEncoder().encode(frame).length > maxFrameBytes) {
      return Promise.reject(
        MaruError.from({ code: 'payload_too_large', message: 'This is more than 64 KB.' }),
      );
    }
    if (this.ended || this.socket.readyState !== open)
      return Promise.reject(MaruError.network('There is no connection.'));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.asked.delete(id);
        reject(MaruError.network('No answer came in time.'));
      }, this.timing.ackMs);
      this.asked.set(id, { resolve, reject, timer });
      this.socket.send(frame);
    });
  }

  /** Asks for a sign of life now. */
  probe(): void {
    if (this.ended || !this.letIn) return;
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => this.broken('no sign of life'), this.timing.pongMs);
    this.write({ id: ++this.count, type: 'ping' });
  }

  /** Ends it; the server is told if it can be. */
  close(): void {
    this.end({ status: 1000, reason: 'closed' });
  }

  private take(text: string): void {
    if (this.ended) return;
    this.signOfLife();
    let frame: Frame;
    try {
      frame = JSON.parse(text) as Frame;
    } catch {
      return this.broken('what came was no JSON');
    }
    if (frame.event === 'closing') this.closing = frame.body as ServerEvents['closing'];
    if (frame.event !== undefined) return this.ears.hear(frame.event, frame.body);
    if (frame.reply === helloId) return this.welcome(frame);
    const asked = this.asked.get(frame.reply ?? -1);
    if (asked === undefined) return;
    this.asked.delete(frame.reply ?? -1);
    clearTimeout(asked.timer);
    if (frame.ok === true) asked.resolve(frame);
    else asked.reject(MaruError.from(frame.error));
  }

  private welcome(frame: Frame): void {
    this.letIn = frame.ok === true;
    if (this.letIn) this.ears.hello(frame as unknown as { userId: string; expiresAt: string });
    else this.refusal = frame.error;
  }

  private signOfLife(): void {
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => this.probe(), this.timing.pingMs);
  }

  private write(frame: object): void {
    if (this.socket.readyState === open) this.socket.send(JSON.stringify(frame));
  }

  private broken(why: string): void {
    this.end({ status: 1006, reason: why });
  }

  /** Does not wait for the other side to agree: a dead line never would. */
  private end(ending: Ending): void {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.quiet);
    this.socket.onopen = this.socket.onmessage = this.socket.onclose = null;
    this.socket.close();
    for (const { reject, timer } of this.asked.values()) {
      clearTimeout(timer);
      reject(MaruError.network('The connection ended before the answer.'));
    }
    this.asked.clear();
    this.ears.over({ ...ending, refusal: this.refusal, closing: this.closing });
  }
}
