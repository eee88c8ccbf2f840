import { randomUUID } from 'node:crypto';
import { Forger } from '../security/forger';
import type { Maru } from '../support/maru';
import { eachOf } from '../support/user';
import { CommandLog } from './command-log';

interface CrowdRoom {
  id: string;
  ownerId: string;
  /** Its last event. */
  seq: number;
}

/** The most that a command to make a room may bring in, with its owner. */
const broughtIn = 100;
const width = 500;
const text = 'The quick brown fox jumps over the lazy dog, then sits down to think about it.';

/**
 * Thousands of users and their rooms within seconds: ids that the writer alone knows, as thousands of sign-ups are
 * minutes of password hashing; tokens signed with api-auth's own key, each of a session of its own; rooms made by
 * commands on the log.
 */
export class Crowd {
  private rooms: CrowdRoom[] = [];
  /** Of each user, the numbers of his rooms. */
  private roomsOf: number[][] = [];
  private userIds: string[] = [];

  private constructor(
    private readonly forger: Forger,
    private readonly log: CommandLog,
  ) {}

  /** A crowd for as long as `work` takes. */
  static async during<T>(maru: Maru, work: (crowd: Crowd) => Promise<T>): Promise<T> {
    const forger = await Forger.of(maru, { sub: randomUUID(), sid: randomUUID() });
    const log = await CommandLog.open(maru.run.brokers);
    try {
      return await work(new Crowd(forger, log));
    } finally {
      await log.stop();
    }
  }

  /**
   * Rooms of `size` members, each user in `roomsEach` of them, so that hardly two users share all. The first
   * `users / size` users are together in all of the rooms.
   */
  async gather(users: number, roomsEach: number, size: number): Promise<void> {
    if (users % size !== 0) throw new Error(`${users} users cannot fill rooms of ${size}`);
    const columns = users / size;
    const roomOf = (user: number, layer: number) =>
      layer * columns + ((user + layer * Math.floor(user / columns)) % columns);
    this.userIds = Array.from({ length: users }, () => randomUUID());
    this.roomsOf = this.userIds.map((_, user) =>
      Array.from({ length: roomsEach }, (_, layer) => roomOf(user, layer)),
    );
    const members = Array.from({ length: columns * roomsEach }, (): string[] => []);
    this.roomsOf.forEach((rooms, user) =>
      rooms.forEach((room) => members[room]?.push(this.userIds[user] ?? '')),
    );
    this.rooms = await eachOf(members, width, (userIds) => this.makeRoom(userIds));
  }

  /** All of them in one room. */
  async gatherInOne(users: number): Promise<string> {
    this.userIds = Array.from({ length: users }, () => randomUUID());
    this.roomsOf = this.userIds.map(() => [0]);
    const room = await this.makeRoom(this.userIds.slice(0, broughtIn));
    await eachOf(this.userIds.slice(broughtIn), width, (userId) =>
      this.log.ask({ type: 'join', roomId: room.id, userId, id: randomUUID() }),
    );
    this.rooms = [{ ...room, seq: 1 + users }];
    return room.id;
  }

  /** So many messages to each room, by its owner. */
  async sayInEach(messages: number): Promise<void> {
    await eachOf(this.rooms, width, async (room) => {
      for (let count = 0; count < messages; count++) {
        const message = { id: randomUUID(), text, kind: 'text', metadata: {} };
        const seq = await this.log.ask({
          type: 'sendMessage',
          roomId: room.id,
          userId: room.ownerId,
          ...message,
        });
        if (seq !== ++room.seq) throw new Error(`seq ${seq} where ${room.seq} comes next`);
      }
    });
  }

  /** A token for each user, good for as long as api-auth's own are. */
  tokens(): Promise<string[]> {
    return eachOf(this.userIds, 16, (sub) => this.forger.sign({ claims: { sub, sid: randomUUID() } }));
  }

  /** What each user would have who is up to date: the last seq of each of his rooms. */
  positions(): [string, number][][] {
    return this.roomsOf.map((rooms) =>
      rooms.map((room): [string, number] => [this.rooms[room]?.id ?? '', this.rooms[room]?.seq ?? 0]),
    );
  }

  /** The user's rooms stand there now. */
  stands(user: number, seqs: ReadonlyMap<string, number> = new Map()): void {
    for (const at of this.roomsOf[user] ?? []) {
      const room = this.rooms[at];
      if (room) room.seq = seqs.get(room.id) ?? room.seq;
    }
  }

  private async makeRoom(userIds: readonly string[]): Promise<CrowdRoom> {
    const [ownerId = '', ...memberIds] = userIds;
    const id = randomUUID();
    const seq = await this.log.ask({
      type: 'createRoom',
      roomId: id,
      userId: ownerId,
      id: randomUUID(),
      name: 'Crowd',
      visibility: 'public',
      memberIds,
    });
    if (seq !== 1 + userIds.length) throw new Error(`a new room of ${userIds.length} stands at ${seq}`);
    return { id, ownerId, seq };
  }
}
