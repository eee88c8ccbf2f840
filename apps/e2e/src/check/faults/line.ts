import { connect, createServer, type Server, type Socket } from 'node:net';

const local = '127.0.0.1';

/** How a line is cut: connections break and new ones do too, or they stay and nothing comes through. */
export type Cut = 'broken' | 'silent';

/** A TCP proxy that can be cut and mended. */
export class Line {
  private state: Cut | 'whole' = 'whole';
  private readonly pairs = new Set<readonly [Socket, Socket]>();

  private constructor(
    private readonly server: Server,
    private readonly target: number,
    private readonly targetHost: string,
  ) {
    server.on('connection', (socket) => this.take(socket));
  }

  /** Listens on `port` and hands everything on to the port `target`, both on 127.0.0.1 unless said otherwise. */
  static open(port: number, target: number, { host = local, targetHost = local } = {}): Promise<Line> {
    const server = createServer({ allowHalfOpen: true });
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => resolve(new Line(server, target, targetHost)));
    });
  }

  cut(how: Cut): void {
    this.state = how;
    for (const pair of this.pairs) {
      if (how === 'broken') breakOff(pair);
      else hold(pair);
    }
  }

  /** What was held comes through now. */
  mend(): void {
    this.state = 'whole';
    for (const pair of this.pairs) flow(pair);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const pair of this.pairs) breakOff(pair);
    await closed;
  }

  private take(near: Socket): void {
    if (this.state === 'broken') {
      near.on('error', () => undefined);
      near.resetAndDestroy();
      return;
    }
    const far = connect({ port: this.target, host: this.targetHost, allowHalfOpen: true, noDelay: true });
    near.setNoDelay(true);
    const pair = [near, far] as const;
    this.pairs.add(pair);
    for (const [one, other] of [pair, [far, near] as const]) {
      one.on('error', () => undefined);
      one.once('close', (failed) => {
        this.pairs.delete(pair);
        if (failed) other.destroy();
        else other.destroySoon();
      });
    }
    if (this.state === 'whole') flow(pair);
  }
}

type Pair = readonly [Socket, Socket];

function flow([near, far]: Pair): void {
  near.pipe(far);
  far.pipe(near);
}

function hold([near, far]: Pair): void {
  for (const socket of [near, far]) {
    socket.unpipe();
    socket.pause();
  }
}

function breakOff([near, far]: Pair): void {
  near.resetAndDestroy();
  far.destroy();
}
