import { FrameImpl, Parser } from '@stomp/stompjs';
import { CodedError, maxPayloadBytes } from '@maru/contracts';
import type { RawData } from 'ws';

export interface ClientFrame {
  command: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** Puts a client's frames together; one may come in several WebSocket messages, and several in one. */
export class FrameReader {
  private readonly parser: Parser;
  private found: ClientFrame[] = [];
  /** Of a frame that is not whole yet. */
  private pending = 0;

  constructor() {
    this.parser = new Parser(
      (raw) => {
        // Not escaped in CONNECT, as its answer is not.
        const escapes = raw.command !== 'CONNECT';
        const { command, headers, body } = FrameImpl.fromRawFrame(raw, escapes);
        this.found.push({ command, headers, body });
      },
      () => (this.pending = 0),
    );
  }

  /** The frames that are whole now; none for a heart-beat. @throws CodedError `payload_too_large`, `bad_request` */
  read(data: RawData): ClientFrame[] {
    const bytes = data as Buffer;
    this.pending += bytes.length;
    try {
      this.parser.parseChunk(new Uint8Array(bytes).buffer);
    } catch {
      throw new CodedError('bad_request', 'This is no STOMP frame.');
    }
    const { found } = this;
    if (found.length > 0) this.pending = 0;
    this.found = [];
    if (this.pending > maxPayloadBytes) throw new CodedError('payload_too_large');
    return found;
  }
}
