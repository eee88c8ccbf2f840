import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

type Held = 'request' | 'answer';

/**
 * A TCP proxy before a service, in which a call can be made to stand still before the service has it, or
 * when it is done and only the answer is missing, and then be cut there.
 */
export class HoldingProxy {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private holding: { what: Held; part: string } | undefined;
  private seen: () => void = () => undefined;

  private constructor(private readonly target: URL) {
    this.server = createServer((client) => this.join(client));
  }

  static async start(target: string): Promise<HoldingProxy> {
    const proxy = new HoldingProxy(new URL(target));
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The next request with `part` in it, or the answer to it, goes no further. Resolves when one stands there. */
  hold(what: Held, part: string): Promise<void> {
    this.holding = { what, part };
    return new Promise((resolve) => (this.seen = resolve));
  }

  /** Cuts every connection, what is held with them. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket): void {
    const service = connect(Number(this.target.port), this.target.hostname);
    for (const [socket, other] of [
      [client, service],
      [service, client],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    let held: Held | undefined;
    client.on('data', (data) => {
      if (this.holding && data.includes(this.holding.part)) {
        held = this.holding.what;
        this.holding = undefined;
        if (held === 'request') this.seen();
      }
      if (held !== 'request') service.write(data);
    });
    service.on('data', (data) => {
      if (held === 'answer') this.seen();
      else client.write(data);
    });
  }
}
