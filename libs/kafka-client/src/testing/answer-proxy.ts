import net, { type AddressInfo } from 'node:net';

const PRODUCE = 0;

/** A TCP proxy before one broker that can lose answers: the request gets through, its connection is cut. */
export class AnswerProxy {
  /** So many of the coming produce requests lose their answer. */
  toLose = 0;
  lost = 0;
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
      for (const apiKey of frames.push(data)) {
        if (apiKey !== PRODUCE || this.toLose === 0) continue;
        this.toLose -= 1;
        losing = true;
      }
      broker.write(data);
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

/** Finds the requests in a stream: each has its length before it and begins with the number of its kind. */
class Frames {
  private rest = Buffer.alloc(0);

  push(data: Buffer): number[] {
    this.rest = Buffer.concat([this.rest, data]);
    const kinds: number[] = [];
    while (this.rest.length >= 6) {
      const size = 4 + this.rest.readInt32BE(0);
      if (this.rest.length < size) break;
      kinds.push(this.rest.readInt16BE(4));
      this.rest = this.rest.subarray(size);
    }
    return kinds;
  }
}
