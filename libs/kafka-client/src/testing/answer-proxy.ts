import net, { type AddressInfo } from 'node:net';

const PRODUCE = 0;
/** Kinds of requests whose answers begin with a throttle time and an error code; zeros do for the rest. */
export const JOIN_GROUP = 11;
export const HEARTBEAT = 12;

/** A TCP proxy before one broker that can lose answers (the request gets through, its connection is cut) or refuse requests. */
export class AnswerProxy {
  /** So many of the coming produce requests lose their answer. */
  toLose = 0;
  lost = 0;
  /** The group's next request of the first one's kind is answered with its error; the broker never hears of it. */
  readonly toRefuse: { group: string; kind: number; error: number }[] = [];
  private readonly sockets = new Set<net.Socket>();
  private readonly server = net.createServer((client) => this.connect(client));

  constructor(private readonly brokerPort: () => number) {}

  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private connect(client: net.Socket): void {
    const broker = net.connect(this.brokerPort(), '127.0.0.1');
    const frames = new Frames();
    let losing = false;
    client.on('data', (data) => {
      for (const frame of frames.push(data)) {
        const kind = frame.readInt16BE(4);
        const [next] = this.toRefuse;
        if (next && kind === next.kind && frame.includes(next.group)) {
          this.toRefuse.shift();
          client.write(refusal(frame, next.error));
          continue;
        }
        if (kind === PRODUCE && this.toLose > 0) {
          this.toLose -= 1;
          losing = true;
        }
        broker.write(frame);
      }
    });
    broker.on('data', (data) => {
      if (!losing) return void client.write(data);
      this.lost += 1;
      client.destroy();
      broker.destroy();
    });
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
  }
}

function refusal(request: Buffer, error: number): Buffer {
  const answer = Buffer.alloc(40);
  answer.writeInt32BE(answer.length - 4, 0);
  answer.writeInt32BE(request.readInt32BE(8), 4);
  answer.writeInt16BE(error, 12);
  return answer;
}

/** Finds the requests in a stream: each has its length before it. */
class Frames {
  private rest = Buffer.alloc(0);

  push(data: Buffer): Buffer[] {
    this.rest = Buffer.concat([this.rest, data]);
    const frames: Buffer[] = [];
    while (this.rest.length >= 4) {
      const size = 4 + this.rest.readInt32BE(0);
      if (this.rest.length < size) break;
      frames.push(this.rest.subarray(0, size));
      this.rest = this.rest.subarray(size);
    }
    return frames;
  }
}
