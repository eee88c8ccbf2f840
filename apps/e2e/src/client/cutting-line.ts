import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Random } from '../check/random';

/** How many bytes a connection carries before it is cut, in either direction. */
export interface Budget {
  least: number;
  most: number;
}

/** A TCP proxy that cuts each connection in the middle of some byte of what it carries, as its seed decides. */
export class CuttingLine {
  /** How often it has cut. */
  cuts = 0;
  private budget: Budget | undefined;
  private readonly pairs = new Set<readonly [Socket, Socket]>();

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
    private readonly random: Random,
  ) {
    server.on('connection', (near) => this.take(near));
  }

  /** Whole at first. */
  static async open(target: string, random: Random): Promise<CuttingLine> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new CuttingLine(server, new URL(target), random);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** From now on connections that are opened are cut; those that are open are cut at once. */
  cut(budget: Budget): void {
    this.budget = budget;
    this.breakAll();
  }

  /** What is open may still be cut; what is opened from now on is not. */
  mend(): void {
    this.budget = undefined;
  }

  breakAll(): void {
    for (const pair of this.pairs) this.break(pair);
  }

  async close(): Promise<void> {
    this.breakAll();
    this.server.close();
    await once(this.server, 'close');
  }

  private take(near: Socket): void {
    const far = connect({ port: Number(this.target.port), host: this.target.hostname, noDelay: true });
    near.setNoDelay(true);
    const pair = [near, far] as const;
    this.pairs.add(pair);
    const { budget } = this;
    let left = budget ? Math.floor(this.random.between(budget.least, budget.most)) : Infinity;
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on('data', (bytes: Buffer) => {
        to.write(bytes.subarray(0, left));
        left -= bytes.length;
        if (left <= 0) this.break(pair);
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        this.pairs.delete(pair);
        to.destroySoon();
      });
    }
  }

  private break([near, far]: readonly [Socket, Socket]): void {
    if (near.destroyed) return;
    this.cuts++;
    // What was handed to it goes out before the end.
    near.destroySoon();
    far.destroySoon();
  }
}
