import type { Socket as NetSocket } from 'node:net';
import type { Socket } from 'socket.io';
import type { Encoder, Frames } from '../core/frames';
import type { Closing, Link } from '../core/link';
import { packetOf, socketIoEncoder } from './socketio.encoder';

/** What is used of the engine's own parts, which its types keep to themselves. */
interface Engine {
  readonly readyState: string;
  readonly upgrading: boolean;
  readonly writeBuffer: readonly unknown[];
  readonly transport: { readonly name: string; readonly socket?: { readonly _socket?: NetSocket | null } };
  write(packet: string, options: { compress: false; wsPreEncodedFrame: Buffer[] }): void;
  close(): void;
}

/** What an ack that waits in the engine is taken to weigh. */
const ackBytes = 200;

/**
 * A stock Socket.IO client. When its transport is WebSocket and the engine has nothing waiting, frames go
 * straight to the TCP socket, many in one write; else (polling, in the middle of an upgrade, behind an ack) they
 * go the engine's way, one packet each, so that order holds across both.
 */
export class SocketIoLink implements Link {
  readonly door = 'socketio';
  private readonly engine: Engine;
  /** Bytes that were given to the engine and may still be in its buffer. */
  private queued = 0;

  constructor(private readonly socket: Socket) {
    this.engine = socket.conn as unknown as Engine;
  }

  encoder(): Encoder {
    return socketIoEncoder;
  }

  write(frames: Frames): number {
    const { engine } = this;
    if (engine.readyState !== 'open') return 0;
    const tcp = this.tcp();
    if (engine.writeBuffer.length > 0 || tcp === undefined || !tcp.writable) {
      this.writeByEngine(frames);
      return this.buffered();
    }
    this.queued = 0;
    tcp.write(frames.bytes);
    return tcp.writableLength;
  }

  buffered(): number {
    const packets = this.engine.writeBuffer.length;
    if (packets === 0) this.queued = 0;
    return Math.max(this.queued, packets * ackBytes) + (this.tcp()?.writableLength ?? 0);
  }

  close(closing: Closing): void {
    this.write(socketIoEncoder.encode([{ name: 'closing', json: JSON.stringify(closing) }]));
    // A stock client comes back by itself after a lost transport, and stays away after a disconnect.
    if (closing.reconnect) this.engine.close();
    else this.socket.disconnect(true);
  }

  /** The connection's TCP socket, when whole frames may be written to it. */
  private tcp(): NetSocket | undefined {
    const { transport, upgrading } = this.engine;
    return upgrading ? undefined : (transport.socket?._socket ?? undefined);
  }

  private writeByEngine(frames: Frames): void {
    if (this.engine.writeBuffer.length === 0) this.queued = 0;
    for (let index = 0; index < frames.count; index++) {
      const frame = frames.part(index);
      this.queued += frame.length;
      this.engine.write(packetOf(frame), { compress: false, wsPreEncodedFrame: [frame] });
    }
  }
}
