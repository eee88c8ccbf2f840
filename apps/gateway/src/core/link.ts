import { type ClosingCode, closingTable, type ServerEvents } from '@maru/contracts';
import type { Encoder, Frames } from './frames';

/** The protocol's side of a connection: all that the core needs to know of it. */
export interface Link {
  /** The door that it came in by, as traces name it. */
  readonly door: string;
  /**
   * What a room's events are encoded by, or with no room what is for the connection alone. Connections of one
   * encoder share its frames, so there should be few.
   */
  encoder(roomId?: string): Encoder;
  /**
   * Writes in order, after all that was written before.
   * @returns how many bytes wait for the client to read them.
   */
  write(frames: Frames): number;
  buffered(): number;
  /** Tells `closing` and ends, once what was written before is out. */
  close(closing: Closing): void;
}

export type Closing = ServerEvents['closing'];

/** What a client is told as its last. */
export const closingOf = (code: ClosingCode, retryAfterMs?: number): Closing => ({
  code,
  reconnect: closingTable[code].reconnect,
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});
