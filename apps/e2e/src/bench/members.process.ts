import { io, type Socket } from 'socket.io-client';
import { eachOf } from '../support/user';
import { LightClient } from './light-client';
import { sharedClockUs, TimeHistogram } from './statistics';

/** What a process of members is told to do. */
export interface MembersTask {
  url: string;
  tokens: string[];
  /** How many of them are stock clients; the others are light ones. */
  stock: number;
  /** Take the time from `metadata.at` to each delivery. */
  latency: boolean;
}
/** What it tells, every 20 ms. */
export interface MembersReport {
  ready: boolean;
  deliveries: number;
  /** What the slowest of them has. */
  lowestSeq: number;
  disorders: number;
}

const atKey = Buffer.from('"at":');

/** Holds many members in one process, counts each delivery and checks its order. Talks to its parent by IPC. */
class Members {
  private readonly times = new TimeHistogram();
  private readonly light: LightClient[];
  private readonly stock: StockMember[];
  private ready = false;

  constructor(task: MembersTask) {
    const { url, tokens, stock, latency } = task;
    this.stock = tokens.slice(0, stock).map((token) => new StockMember(url, token));
    const onMessage = (bytes: Buffer, start: number, end: number) => this.time(bytes, start, end);
    this.light = tokens
      .slice(stock)
      .map((token) => new LightClient({ url, token, ...(latency && { onMessage }) }));
  }

  async open(): Promise<void> {
    await eachOf(this.light, 16, (client) => client.open());
    await Promise.all(this.stock.map((member) => member.ready));
    this.ready = true;
    setInterval(() => process.send?.(this.report()), 20);
  }

  resetTimes(): void {
    this.times.counts.fill(0);
    this.times.total = 0;
  }

  filled(): [number, number][] {
    return this.times.filled();
  }

  private report(): MembersReport {
    const all = [...this.light, ...this.stock];
    return {
      ready: this.ready,
      deliveries: all.reduce((sum, { messages }) => sum + messages, 0),
      lowestSeq: Math.min(...all.map(({ lastSeq }) => lastSeq)),
      disorders: all.reduce((sum, { disorders }) => sum + disorders, 0),
    };
  }

  private time(bytes: Buffer, start: number, end: number): void {
    const at = bytes.indexOf(atKey, start);
    if (at > 0 && at < end)
      this.times.add(sharedClockUs() - parseInt(bytes.toString('latin1', at + atKey.length, at + 25), 10));
  }
}

class StockMember {
  messages = 0;
  lastSeq = 0;
  disorders = 0;
  readonly ready: Promise<void>;

  constructor(url: string, token: string) {
    const socket: Socket = io(url, { auth: { token }, transports: ['websocket'], forceNew: true });
    this.ready = new Promise((resolve, reject) => {
      socket.once('ready', () => resolve());
      socket.once('connect_error', reject);
    });
    socket.on('newMessage', ({ seq }: { seq: number }) => {
      if (this.lastSeq !== 0 && seq !== this.lastSeq + 1) this.disorders++;
      this.lastSeq = seq;
      this.messages++;
    });
  }
}

let members: Members | undefined;
process.on('message', (message: MembersTask | 'reset' | 'times') => {
  if (message === 'reset') members?.resetTimes();
  else if (message === 'times') process.send?.({ times: members?.filled() ?? [] });
  else {
    members = new Members(message);
    members.open().catch((error: unknown) => {
      console.error(error);
      process.exit(1);
    });
  }
});
process.on('disconnect', () => process.exit(0));
