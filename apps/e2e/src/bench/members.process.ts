import { io, type Socket } from 'socket.io-client';
import { pause } from '../support/until';
import { eachOf } from '../support/user';
import { DoorMember, type MemberDoor } from './door-member';
import { LightClient } from './light-client';
import { NumberReader } from './number-reader';
import { sharedClockUs, TimeHistogram } from './statistics';

/** What a process of members is told to do. */
export interface MembersTask {
  url: string;
  tokens: string[];
  /** Of each in the order of the tokens, for members of many rooms: the last seq it has of each of its rooms. */
  positions?: [string, number][][];
  /** How many of them are stock clients; the others are light ones. */
  stock: number;
  /** Take the time from `metadata.at` to each delivery. */
  latency: boolean;
  /** How many of one process connect at the same time. */
  width?: number;
  /** They come in by this door, all in one room, instead of by Socket.IO. */
  at?: { door: MemberDoor; roomId: string };
}
/** `leave`: all connections are cut. `return`: all come back at once, with the positions they have. */
export type MembersOrder = MembersTask | 'reset' | 'times' | 'leave' | 'return';
/** What it tells, every 20 ms. */
export interface MembersReport {
  connected: number;
  /** Connections that were refused or cut while coming back. */
  failures: number;
  /** Why, the last time. */
  lastFailure?: string | undefined;
  deliveries: number;
  /** What the slowest of them has; for members of one room. */
  lowestSeq: number;
  disorders: number;
}

/** Holds many members in one process, counts each delivery and checks its order. Talks to its parent by IPC. */
class Members {
  private readonly times = new TimeHistogram();
  private readonly sentAt = new NumberReader('at');
  private readonly light: (LightClient | DoorMember)[];
  private readonly stock: StockMember[];
  private failures = 0;
  private lastFailure: string | undefined;

  constructor(private readonly task: MembersTask) {
    const { url, tokens, stock, latency, positions, at } = task;
    this.stock = tokens.slice(0, stock).map((token) => new StockMember(url, token));
    const onMessage = (bytes: Buffer, start: number, end: number) => this.time(bytes, start, end);
    this.light = tokens.slice(stock).map((token, index) => {
      const has = positions?.[stock + index];
      if (at)
        return new DoorMember(at.door, { url, token, roomId: at.roomId, ...(latency && { onMessage }) });
      return new LightClient({
        url,
        token,
        ...(has && { positions: new Map(has) }),
        ...(latency && { onMessage }),
      });
    });
    // Nobody hears it any more when the parent has just gone.
    setInterval(() => process.send?.(this.report(), undefined, undefined, () => undefined), 20);
  }

  async open(): Promise<void> {
    await eachOf(this.light, this.task.width ?? 16, (client) => client.open());
  }

  leave(): void {
    for (const client of this.light) client.close();
  }

  /** As clients do: who is refused tries again a little later. */
  async comeBack(): Promise<void> {
    const back = async (client: LightClient | DoorMember): Promise<void> => {
      while (!client.connected) {
        await client.open().catch(async (error: Error) => {
          client.close();
          this.failures++;
          this.lastFailure = error.message;
          await pause(100 + Math.random() * 200);
        });
      }
    };
    await Promise.all(this.light.map(back));
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
      connected: all.reduce((sum, { connected }) => sum + Number(connected), 0),
      failures: this.failures,
      lastFailure: this.lastFailure,
      deliveries: all.reduce((sum, { messages }) => sum + messages, 0),
      lowestSeq: Math.min(...all.map(({ lastSeq }) => lastSeq)),
      disorders: all.reduce((sum, { disorders }) => sum + disorders, 0),
    };
  }

  private time(bytes: Buffer, start: number, end: number): void {
    const at = this.sentAt.read(bytes, start, end);
    if (Number.isNaN(at)) fail(new Error('a message came without the time of its sending'));
    this.times.add(sharedClockUs() - at);
  }
}

class StockMember {
  messages = 0;
  lastSeq = 0;
  disorders = 0;
  connected = false;

  constructor(url: string, token: string) {
    const socket: Socket = io(url, { auth: { token }, transports: ['websocket'], forceNew: true });
    socket.on('ready', () => (this.connected = true));
    socket.on('disconnect', () => (this.connected = false));
    socket.once('connect_error', fail);
    socket.on('newMessage', ({ seq }: { seq: number }) => {
      if (this.lastSeq !== 0 && seq !== this.lastSeq + 1) this.disorders++;
      this.lastSeq = seq;
      this.messages++;
    });
  }
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}

let members: Members | undefined;
process.on('message', (order: MembersOrder) => {
  if (order === 'reset') members?.resetTimes();
  else if (order === 'times') process.send?.({ times: members?.filled() ?? [] });
  else if (order === 'leave') members?.leave();
  else if (order === 'return') members?.comeBack().catch(fail);
  else {
    members = new Members(order);
    members.open().catch(fail);
  }
});
process.on('disconnect', () => process.exit(0));
process.send?.('there');
