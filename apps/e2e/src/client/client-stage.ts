import { connect, type ConnectOptions, type Maru as Client } from '@maru/client';
import { freePort, makeTempFolder, removeFolder } from '@maru/stack';
import { Random } from '../check/random';
import { clockSettings, setClock } from '../check/faults/clocks';
import { Line } from '../check/faults/line';
import { type Maru, startMaru } from '../support/maru';
import { newUsers, type TestUser } from '../support/user';
import { CuttingLine } from './cutting-line';

/** Quicker than people need it. */
export const timing = { firstPauseMs: 20, maxPauseMs: 300 };
const seed = 20261125;

/** A Maru with two gateways, users, and clients of the library that are closed in the end. */
export class ClientStage {
  private readonly clients: Client[] = [];
  private readonly lines: { close(): Promise<void> }[] = [];

  private constructor(
    readonly maru: Maru,
    readonly users: readonly TestUser[],
    private readonly clocks: string,
  ) {}

  static async open(): Promise<ClientStage> {
    const clocks = makeTempFolder('maru-clocks-');
    const maru = await startMaru({ gateways: 2, envOf: { gateway: clockSettings(clocks) } });
    const users = await newUsers(maru.rest(), ['Ann', 'Bob', 'Cat', 'Dan', 'Eve', 'Fay']);
    return new ClientStage(maru, users, clocks);
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.close();
    await Promise.all(this.lines.map((line) => line.close()));
    await this.maru.stop();
    removeFolder(this.clocks);
  }

  get url(): string {
    return this.maru.urls[0] ?? '';
  }
  get ann(): TestUser {
    return this.users[0] as TestUser;
  }
  get bob(): TestUser {
    return this.users[1] as TestUser;
  }
  get cat(): TestUser {
    return this.users[2] as TestUser;
  }

  client(user: TestUser, options: Partial<ConnectOptions> = {}): Client {
    const one = connect({ url: this.url, token: user.token, timing, ...options });
    this.clients.push(one);
    return one;
  }

  async online(user: TestUser, options: Partial<ConnectOptions> = {}): Promise<Client> {
    const one = this.client(user, options);
    await one.online();
    return one;
  }

  /** A private room of Ann's. */
  async room(...others: TestUser[]): Promise<string> {
    const memberIds = others.map(({ id }) => id);
    const room = { name: 'Tea', visibility: 'private' as const, memberIds };
    return (await this.maru.rest().createRoom(this.ann.token, room)).id;
  }

  /** A way to the first gateway that can be cut and mended. */
  async line(): Promise<{ line: Line; at: string }> {
    const port = await freePort();
    const line = await Line.open(port, Number(new URL(this.url).port));
    this.lines.push(line);
    return { line, at: `http://127.0.0.1:${port}` };
  }

  /** One that can be told to cut at random bytes, to one gateway or the other. */
  async cuttingLine(index: number): Promise<CuttingLine> {
    const line = await CuttingLine.open(this.maru.urls[index % 2] ?? '', new Random(seed, index));
    this.lines.push(line);
    return line;
  }

  /** Makes the first gateway's clock wrong by so much. */
  async setClock(wrongByMs: number): Promise<void> {
    await setClock(this.clocks, this.maru.processes.get('gateway')?.pid ?? 0, wrongByMs);
  }
}

/** What a client shows of a room. */
export const shown = (one: Client, roomId: string): string[] =>
  one.room(roomId).messages.map(({ text, state }) => `${text} ${state}`);
