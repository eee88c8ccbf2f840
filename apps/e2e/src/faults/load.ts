import type { RoomEvent } from '@maru/contracts';
import { ChatClient } from '../support/chat-client';
import { type Finding, judge } from '../support/judge';
import type { Maru } from '../support/maru';
import { until, pause } from '../support/until';
import { eachOf, newUser } from '../support/user';

const people = 5;
const rooms = 6;
const restMs = 120;

export interface Summary {
  acked: number;
  notAcked: string[];
  /** How long the quietest room was without an event for some member, in ms. */
  longestSilenceMs: number;
  slowestAnswerMs: number;
  /** How the tries of the slowest ended. */
  slowest: string;
}

/** People on all gateways who talk in all rooms at once, each line as soon as the one before is answered. */
export class Load {
  private talking = true;
  private lanes: Promise<void>[] = [];

  private constructor(
    private readonly maru: Maru,
    private readonly clients: readonly ChatClient[],
    private readonly roomIds: readonly string[],
  ) {}

  /** Resolves when everybody is heard in every room. */
  static async start(maru: Maru): Promise<Load> {
    const { urls } = maru;
    const users = await eachOf(Array.from({ length: people }), 5, (_, index) =>
      newUser(maru.rest(), `Person ${index}`),
    );
    const [owner, ...others] = users;
    if (!owner) throw new Error('nobody');
    const memberIds = others.map(({ id }) => id);
    const roomIds = await eachOf(Array.from({ length: rooms }), rooms, async (_, index) => {
      const room = { name: `Room ${index}`, visibility: 'private', memberIds } as const;
      return (await maru.rest().createRoom(owner.token, room)).id;
    });
    const clients = users.map((user, index) => {
      const own = urls.map((_, turn) => urls[(index + turn) % urls.length] ?? '');
      return new ChatClient(user, { urls: own });
    });
    await Promise.all(clients.map((client) => client.connect()));
    const load = new Load(maru, clients, roomIds);
    load.talk();
    await load.flows();
    return load;
  }

  watchSilence(): void {
    for (const { record } of this.clients) record.watchSilence();
  }

  /** Resolves when every member has heard something new in every room. */
  async flows(withinMs = 60_000): Promise<void> {
    const heads = this.clients.map(({ record }) => this.roomIds.map((roomId) => record.last(roomId)));
    const moved = () =>
      this.clients.every(({ record }, c) =>
        this.roomIds.every((roomId, r) => record.last(roomId) > (heads[c]?.[r] ?? 0) + people),
      );
    await until('talk flows in every room', moved, withinMs);
  }

  /** Everybody finishes his line; resolves when all are answered, with what was seen. */
  async stop(): Promise<Summary> {
    const longestSilenceMs = Math.max(...this.clients.map(({ record }) => record.longestSilenceMs));
    this.talking = false;
    await Promise.all(this.lanes);
    const sent = this.clients.flatMap(({ record }) => record.sent);
    const notAcked = sent.filter(({ outcome }) => outcome.kind !== 'acked');
    const slowest = sent.toSorted((a, b) => b.tookMs - a.tookMs)[0];
    return {
      acked: sent.length - notAcked.length,
      notAcked: notAcked.map(({ id, outcome }) => `${id}: ${JSON.stringify(outcome)}`),
      longestSilenceMs,
      slowestAnswerMs: slowest?.tookMs ?? 0,
      slowest: slowest?.tries.join(', ') ?? '',
    };
  }

  /** Waits until everybody stands at the end of every room, and holds what they wrote down against history. */
  async verdict(): Promise<Finding[]> {
    const history = new Map<string, RoomEvent[]>();
    const { token } = (this.clients[0] as ChatClient).user;
    for (const roomId of this.roomIds) {
      const events = await this.maru.rest().events(token, roomId);
      history.set(roomId, events);
      await Promise.all(this.clients.map((client) => client.caughtUp(roomId, events.length, 60_000)));
    }
    return judge(
      history,
      this.clients.map(({ record }) => record),
    );
  }

  close(): void {
    this.talking = false;
    for (const client of this.clients) client.drop();
  }

  /** One in five lines goes over REST. */
  private talk(): void {
    this.lanes = this.clients.flatMap((client, c) =>
      this.roomIds.map(async (roomId, r) => {
        await pause((restMs * r) / rooms);
        for (let line = 1; this.talking; line++) {
          const text = `line ${line}`;
          const options = { withinMs: 180_000 };
          if ((line + c) % 5 === 0) await client.post(roomId, text, options);
          else await client.send(roomId, text, options);
          await pause(restMs);
        }
      }),
    );
  }
}
