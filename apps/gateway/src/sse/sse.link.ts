import { type ClosingCode, closingTable } from '@maru/contracts';
import type { Response } from 'express';
import type { Connection } from '../core/connection';
import type { FanOut } from '../core/fan-out.service';
import type { Encoder, Frames } from '../core/frames';
import type { Link } from '../core/link';
import { sseEncoder } from './sse.encoder';
import { later, streamId } from './stream-id';

/**
 * A stream of server-sent events. Behind what it writes it puts an `id:`, a block of its own without data: the client
 * remembers it and shows it when it comes back. None is written while a room is not caught up with.
 */
export class SseLink implements Link {
  /** Set when the connection is ready. */
  connection: Connection | undefined;
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
    if (this.response.writableEnded) return 0;
    this.response.write(bytes);
    this.mark();
    return this.response.writableLength;
  }

  buffered(): number {
    return this.response.writableLength;
  }

  comment(): void {
    if (!this.response.writableEnded) this.response.write(':\n\n');
  }

  close(code: ClosingCode): void {
    const { reconnect } = closingTable[code];
    this.write(sseEncoder.encode([{ name: 'closing', json: JSON.stringify({ code, reconnect }) }]));
    this.response.end();
  }

  /** One id for all that is written in this turn. */
  mark(): void {
    if (this.marking || this.connection === undefined) return;
    this.marking = true;
    setImmediate(() => {
      this.marking = false;
      if (this.response.writableEnded || !this.caughtUp()) return;
      this.response.write(`id: ${streamId(later(this.opened, this.fanOut.given))}\n\n`);
    });
  }

  private caughtUp(): boolean {
    const { connection } = this;
    if (connection === undefined || connection.closed) return false;
    for (const room of connection.rooms) {
      if (!room.live.has(connection) || room.gap !== undefined) return false;
    }
    return true;
  }
}
