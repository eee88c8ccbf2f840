import type { StreamReply } from '@maru/contracts';
import type { Response } from 'express';
import type { Connection } from '../core/connection';
import type { FanOut } from '../core/fan-out.service';
import type { Encoder, Frames } from '../core/frames';
import type { Closing, Link } from '../core/link';
import { sseEncoder } from './sse.encoder';
import { later, streamId } from './stream-id';

/** How long a client may take to read the last of it. */
const closeMs = 2000;
const leastRetryMs = 1000;

/**
 * A stream of server-sent events. Behind what it writes it puts an `id:`, a block of its own without data: the client
 * remembers it and shows it when it comes back. None is written while a room is not caught up with.
 */
export class SseLink implements Link {
  readonly door = 'sse';
  /** Set when the connection is ready. */
  connection: Connection | undefined;
  /** The reply to a log-out that is under way: told before the stream ends by it. */
  partingWord: StreamReply | undefined;
  private marking = false;

  constructor(
    private readonly response: Response,
    private readonly fanOut: Pick<FanOut, 'given'>,
    /** Where the writers were before the connection's rooms were asked for. */
    private readonly opened: readonly number[],
  ) {}

  encoder(): Encoder {
    return sseEncoder;
  }

  write({ bytes }: Frames): number {
    this.put(bytes);
    this.mark();
    return this.buffered();
  }

  buffered(): number {
    return this.response.socket?.writableLength ?? 0;
  }

  comment(): void {
    this.put(':\n\n');
  }

  close(closing: Closing): void {
    const { code, retryAfterMs } = closing;
    const last = { name: 'closing', json: JSON.stringify(closing) };
    const reply = code === 'session_ended' ? this.partingWord : undefined;
    // EventSource comes back by it, and by no shorter pause as long as nobody lets it in.
    if (retryAfterMs !== undefined) this.put(`retry: ${leastRetryMs + retryAfterMs}\n\n`);
    const words = reply === undefined ? [last] : [{ name: 'reply', json: JSON.stringify(reply) }, last];
    this.write(sseEncoder.encode(words));
    const { socket } = this.response;
    this.response.end();
    // One that does not read would keep it open.
    setTimeout(() => socket?.destroy(), closeMs).unref();
  }

  /** One id for all that is written in this turn. */
  mark(): void {
    if (this.marking || this.connection === undefined) return;
    this.marking = true;
    setImmediate(() => {
      this.marking = false;
      if (this.response.writableEnded || this.connection?.closed !== false || !this.connection.caughtUp)
        return;
      this.put(`id: ${streamId(later(this.opened, this.fanOut.given))}\n\n`);
    });
  }

  /** Straight to the socket: `response.write` holds what it is given until the next turn, which would look unread. */
  private put(bytes: Buffer | string): void {
    if (!this.response.writableEnded) this.response.socket?.write(bytes);
  }
}
