import type { Socket as NetSocket } from 'node:net';
import { closingTable } from '@maru/contracts';
import type { WebSocket } from 'ws';
import type { Encoder, Frames, ServerEvent } from '../core/frames';
import type { Closing, Link } from '../core/link';

/** How a protocol on WebSocket words what it sends. */
export interface Wording {
  encoder(roomId?: string): Encoder;
  /** The last word to a client. */
  closing(closing: Closing): Frames;
}

/** How a `closing` reads. */
export const closingEvent = (closing: Closing): ServerEvent => ({
  name: 'closing',
  json: JSON.stringify(closing),
});

/** How long a client may take to answer our close frame. */
const closeMs = 2000;

/** A WebSocket without extensions: whole frames go straight to its TCP socket, many in one write. */
export class WebSocketLink implements Link {
  readonly door: string = 'websocket';
  constructor(
    private readonly socket: WebSocket,
    private readonly wording: Wording,
  ) {}

  encoder(roomId?: string): Encoder {
    return this.wording.encoder(roomId);
  }

  write({ bytes }: Frames): number {
    const tcp = this.tcp();
    if (tcp === undefined || !tcp.writable || this.socket.readyState !== this.socket.OPEN) return 0;
    if (bytes.length > 0) tcp.write(bytes);
    return tcp.writableLength;
  }

  buffered(): number {
    return this.tcp()?.writableLength ?? 0;
  }

  close(closing: Closing): void {
    const { code } = closing;
    this.write(this.wording.closing(closing));
    closeSoon(this.socket, closingTable[code].status, code);
  }

  /** What `ws` keeps to itself. Its own writes go there too, at once, so order holds across both. */
  private tcp(): NetSocket | undefined {
    return (this.socket as unknown as { _socket?: NetSocket | null })._socket ?? undefined;
  }
}

/** Closes with a word, and cuts off a client that does not answer it. */
export function closeSoon(socket: WebSocket, status: number, reason: string): void {
  socket.close(status, reason);
  setTimeout(() => socket.terminate(), closeMs).unref();
}
