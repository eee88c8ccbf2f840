import { readFileSync } from 'node:fs';
import path from 'node:path';
import { connect, type Maru as Client, type Placed } from '@maru/client';
import type { RoomEvent } from '@maru/contracts';
import type { Fault } from './check/check-stack';
import { backInService, endAndWait } from './check/faults/processes';
import { checkStackOf, printTrials, type Trial, trial } from './faults/trial';
import { Balancer } from './support/balancer';
import { ChatClient } from './support/chat-client';
import { type Maru, startMaru } from './support/maru';
import { pause, until } from './support/until';
import { newUsers, type TestUser } from './support/user';

const drainMs = 3000;
/** The goal is 2 s, on a machine that does nothing else; who waited for a ping's time-out would be away for longer than this. */
const mostMs = 12_000;
const gateways = ['gateway', 'gateway-2'] as const;
const people = 20;

const restarts: Fault = {
  kind: 'gateways restarted in turn',
  minSeconds: 10,
  throw: async (stack) => {
    for (const name of gateways) {
      await endAndWait(stack, name, 'SIGTERM');
      await backInService(stack, name);
    }
  },
};

describe('gateways that end in slices and are started again, one after the other', () => {
  let maru: Maru;
  const trials: Trial[] = [];
  const closing: (() => unknown)[] = [];
  beforeAll(async () => {
    const gateway = { DRAIN_MS: String(drainMs), SHUTDOWN_TIMEOUT_MS: '20000', LOG_LEVEL: 'info' };
    maru = await startMaru({ gateways: 2, envOf: { gateway } });
  }, 120_000);
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
  afterAll(async () => {
    printTrials(trials);
    await maru.stop();
  });

  const crowd = () =>
    newUsers(
      maru.rest(),
      Array.from({ length: people }, (_, index) => `User ${index}`),
    );
  const roomOf = async ([owner, ...others]: TestUser[]): Promise<string> => {
    const room = { name: 'Tea', visibility: 'private' as const, memberIds: others.map(({ id }) => id) };
    return (await maru.rest().createRoom(owner?.token ?? '', room)).id;
  };

  it('lose nothing of those who talk on, and no room is silent for long', async () => {
    const result = await trial(maru, restarts);
    trials.push(result);
    expect(result.findings).toEqual([]);
    expect(result.notAcked).toEqual([]);
    expect(result.longestSilenceMs).toBeLessThan(mostMs);
  }, 120_000);

  it('move the clients of the library through a balancer that notices nothing: none misses or loses a message, or is away for long', async () => {
    const users = await crowd();
    const roomId = await roomOf(users);
    const balancer = await Balancer.open(maru.urls);
    const clients = users.map((user) => new Mover(user, roomId, balancer.url));
    closing.push(
      () => clients.forEach(({ client }) => client.close()),
      () => balancer.close(),
    );
    await Promise.all(clients.map(({ client }) => client.online()));
    await restarts.throw(checkStackOf(maru), Math.random);
    await Promise.all(clients.map((one) => one.finish()));
    const history = await maru.rest().events(users[0]?.token ?? '', roomId);
    await until('all hear all', () => clients.every(({ heard }) => heard.at(-1)?.seq === history.length));
    const sent = clients.reduce((sum, one) => sum + one.sent.length, 0);
    const messages = history.filter(({ type }) => type === 'message');
    expect(messages).toHaveLength(sent);
    for (const { heard } of clients) expect(heard).toEqual(history.slice(-heard.length));
    const longest = Math.max(...clients.map(({ longestAwayMs }) => longestAwayMs));
    process.stdout.write(`${sent} messages; nobody was away for longer than ${Math.round(longest)} ms\n`);
    expect(clients.some(({ longestAwayMs }) => longestAwayMs > 0)).toBe(true);
    expect(longest).toBeLessThan(mostMs);
  }, 120_000);

  it('take their time whatever signals come, and end with code 0 once all have gone', async () => {
    const users = await crowd();
    const clients = await Promise.all(
      users.map((user) => new ChatClient(user, { urls: [maru.urls[1] ?? '', maru.urls[0] ?? ''] }).connect()),
    );
    closing.push(() => clients.forEach((client) => client.drop()));
    const gateway = maru.processes.get('gateway-2');
    const exit = new Promise((resolve) => gateway?.onExit(resolve));
    const began = performance.now();
    gateway?.kill('SIGTERM');
    await pause(500);
    gateway?.kill('SIGTERM');
    gateway?.kill('SIGINT');
    expect(await exit).toEqual({ code: 0, signal: null });
    const tookMs = performance.now() - began;
    expect(tookMs).toBeGreaterThan(drainMs * 0.8);
    expect(tookMs).toBeLessThan(drainMs + mostMs);
    const log = readFileSync(path.join(maru.home, 'logs/gateway-2.log'), 'utf8');
    const lines = log.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Line] : []));
    const left = lines.flatMap(({ event, connections }) => (event === 'draining' ? [connections] : []));
    // Ten each time; this was the last of several ends.
    expect(left.slice(-10)[0]).toBe(people);
    expect(left.slice(-10)).toEqual(left.slice(-10).sort((a = 0, b = 0) => b - a));
    expect(lines.filter(({ event }) => event === 'drained').at(-1)).toMatchObject({ unanswered: 0 });
    await maru.ready();
  }, 120_000);
});

interface Line {
  event?: string;
  connections?: number;
}

/** A client of the library that talks all the time, and counts how long it was away. */
class Mover {
  readonly client: Client;
  readonly heard: RoomEvent[] = [];
  readonly sent: Promise<Placed>[] = [];
  longestAwayMs = 0;
  private awayAt: number | undefined;
  private talking = true;
  private readonly talk: Promise<void>;

  constructor(user: TestUser, roomId: string, url: string) {
    this.client = connect({ url, token: user.token });
    this.client.on('event', (event) => this.heard.push(event));
    this.client.on('state', ({ state }) => {
      if (state === 'offline') this.awayAt ??= performance.now();
      if (state !== 'online' || this.awayAt === undefined) return;
      this.longestAwayMs = Math.max(this.longestAwayMs, performance.now() - this.awayAt);
      this.awayAt = undefined;
    });
    this.talk = this.sendOn(roomId);
  }

  /** Resolves when all that it has sent is there. */
  async finish(): Promise<void> {
    this.talking = false;
    await this.talk;
    await Promise.all(this.sent);
    await this.client.online();
  }

  private async sendOn(roomId: string): Promise<void> {
    await this.client.online();
    for (let n = 1; this.talking; n++) {
      this.sent.push(this.client.room(roomId).send(`line ${n}`).sent);
      await pause(150);
    }
  }
}
