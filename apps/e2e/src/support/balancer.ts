import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * A TCP balancer as most are: each connection goes to the next of its targets, and to the one after that when it does not
 * open. Of health it knows nothing.
 */
export class Balancer {
  private turn = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly targets: readonly URL[],
  ) {
    server.on('connection', (near) => this.take(near, this.turn++, targets.length));
  }

  static async open(targets: readonly string[]): Promise<Balancer> {
    const server = createServer({ noDelay: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Balancer(
      server,
      targets.map((target) => new URL(target)),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private take(near: Socket, turn: number, triesLeft: number): void {
    const { hostname, port } = this.targets[turn % this.targets.length] as URL;
    const far = connect({ host: hostname, port: Number(port), noDelay: true });
    const next = (): void => {
      if (triesLeft > 1) this.take(near, turn + 1, triesLeft - 1);
      else near.destroy();
    };
    far.once('error', next);
    far.once('connect', () => {
      far.off('error', next);
      this.join(near, far);
    });
  }

  private join(near: Socket, far: Socket): void {
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(from);
      from.pipe(to);
      from.on('error', () => undefined);
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroySoon();
      });
    }
  }
}
