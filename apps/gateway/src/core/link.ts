import type { ClosingCode } from '@maru/contracts';
import type { Encoder, Frames } from './frames';

/** The protocol's side of a connection: all that the core needs to know of it. */
export interface Link {
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
  close(code: ClosingCode): void;
}
