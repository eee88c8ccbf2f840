import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

/** What MQTT is spoken over: TCP, or WebSocket with its bytes in binary frames. */
export interface Channel {
  /** Bytes that wait for the client to read them. */
  readonly buffered: number;
  write(bytes: Buffer): void;
  /** While it is paused nothing is read of the client, so that he has to wait. */
  pause(): void;
  resume(): void;
  /** Ends once what was written is out; cuts off a client that does not read it. */
  end(): void;
}

export interface Listener {
  take(bytes: Buffer): void;
  closed(): void;
}

const closeMs = 2000;
/** A device that has vanished is noticed in the end, even when it asked for no keep-alive. */
const probeMs = 60_000;

export function tcpChannel(socket: Socket, listener: Listener): Channel {
  socket.setNoDelay(true);
  socket.setKeepAlive(true, probeMs);
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes: Buffer) => listener.take(bytes));
  socket.on('close', () => listener.closed());
  return {
    get buffered() {
      return socket.writableLength;
    },
    write: (bytes) => void (socket.writable && socket.write(bytes)),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => {
      socket.end();
      // What he still sends is of no use, but has to be read for his end to be heard.
      socket.resume();
      setTimeout(() => socket.destroy(), closeMs).unref();
    },
  };
}

export function webSocketChannel(socket: WebSocket, listener: Listener): Channel {
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (isBinary) listener.take(data);
    else socket.close(1003, 'MQTT is binary');
  });
  socket.on('close', () => listener.closed());
  const open = (): boolean => socket.readyState === socket.OPEN;
  return {
    get buffered() {
      return socket.bufferedAmount;
    },
    write: (bytes) => void (open() && socket.send(bytes)),
    pause: () => void (open() && socket.pause()),
    resume: () => void (open() && socket.resume()),
    end: () => {
      if (open()) socket.resume();
      socket.close(1000);
      setTimeout(() => socket.terminate(), closeMs).unref();
    },
  };
}
