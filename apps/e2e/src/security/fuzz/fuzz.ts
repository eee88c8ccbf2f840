import { topics } from '@maru/contracts';
import {
  kafkaConfig,
  kafkaConfigFrom,
  type OutgoingRecord,
  partitionOf,
  ProducerService,
} from '@maru/kafka-client';
import type { Maru } from '../../support/maru';
import { until } from '../../support/until';
import { newUser, type TestUser } from '../../support/user';
import { Bystanders, type Undisturbed } from './bystanders';
import { hostileFrames } from './frames';
import { HostileClient } from './hostile-client';
import { apps, peakMb, residentMb } from './memory';
import { badRecords, largestRecords } from './records';

export interface FuzzOptions {
  frames: number;
  records: number;
  seed: number;
  say?: (progress: string) => void;
}
export interface FuzzReport {
  frames: number;
  connections: number;
  records: number;
  /** Records that the broker itself would not take. */
  refused: number;
  hangs: string[];
  /** Apps that ended and were started again. */
  crashed: string[];
  /** Resident memory of each app before and after, its garbage collected, and the most it ever had; in MB. */
  memory: { name: string; beforeMb: number; afterMb: number; peakMb: number }[];
  bystanders: Undisturbed;
}

const attackers = 6;
/** So many at a time are made, sent and waited for. */
const portion = 250;
/** Before memory is counted: a process that has just started grows with any work. */
const warmUp = 2_000;

/**
 * Sends bad frames and bad records into a Maru in use, and says what became of it. Its apps have to be started
 * as `inspected`. Rejects when a part is stuck.
 */
export async function fuzz(maru: Maru, { frames, records, seed, say }: FuzzOptions): Promise<FuzzReport> {
  const user = await newUser(maru.rest(), 'Owner');
  const rooms = await roomOnEachPartition(maru, user);
  const attack = new Attack(maru, (await newUser(maru.rest(), 'Eve')).token);
  const bystanders = await Bystanders.start(maru);
  const pids = new Map(apps(maru.run).map(({ name, pid }) => [name, pid]));
  try {
    await attack.run(warmUp, warmUp, seed + 1, bystanders);
    await attack.sendRecords(largestRecords);
    const before = await residentMb(maru.run);
    await attack.run(frames, records, seed, bystanders, say);
    await goesOn(maru, user, rooms);
    const peak = peakMb(maru.run);
    const after = await residentMb(maru.run);
    return {
      ...attack.counts(),
      crashed: apps(maru.run).flatMap(({ name, pid }) => (pids.get(name) === pid ? [] : [name])),
      memory: Object.entries(before).map(([name, beforeMb]) => ({
        name,
        beforeMb,
        afterMb: after[name] ?? 0,
        peakMb: peak[name] ?? 0,
      })),
      bystanders: await bystanders.stop(),
    };
  } finally {
    bystanders.close();
    await attack.stop();
  }
}

class Attack {
  private readonly clients: HostileClient[];
  private readonly producer: ProducerService;
  private frames = 0;
  private records = 0;
  private refused = 0;

  constructor(maru: Maru, token: string) {
    this.clients = Array.from({ length: attackers }, (_, at) => {
      return new HostileClient(maru.urls[at % maru.urls.length] ?? '', token);
    });
    const env = kafkaConfig.parse({ KAFKA_BROKERS: maru.run.brokers.join() });
    this.producer = new ProducerService(kafkaConfigFrom(env, 'fuzz'));
  }

  async run(
    frames: number,
    records: number,
    seed: number,
    bystanders: Bystanders,
    say?: FuzzOptions['say'],
  ): Promise<void> {
    for (let done = 0; done < Math.max(frames, records); done += portion) {
      const part = (of: number) => Math.max(0, Math.min(portion, of - done));
      await Promise.all([
        this.sendFrames(seed + done, part(frames)),
        this.sendRecords(part(records) === 0 ? [] : badRecords(seed + done, part(records))),
      ]);
      // No faster than ordinary work is done.
      const acked = bystanders.acked;
      await until('a bystander is served', () => bystanders.acked > acked, 60_000);
      say?.(`${done + portion} of ${Math.max(frames, records)}`);
    }
  }

  counts() {
    const { frames, records, refused } = this;
    const connections = this.clients.reduce((sum, client) => sum + client.connections, 0);
    return { frames, connections, records, refused, hangs: this.clients.flatMap(({ hangs }) => hangs) };
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.close();
    await this.producer.stop();
  }

  async sendRecords(all: readonly OutgoingRecord[]): Promise<void> {
    const sent = await Promise.allSettled(all.map((record) => this.producer.send(record)));
    this.records += sent.filter(({ status }) => status === 'fulfilled').length;
    this.refused += sent.filter(({ status }) => status === 'rejected').length;
  }

  private async sendFrames(seed: number, count: number): Promise<void> {
    const all = count === 0 ? [] : hostileFrames(seed, count);
    this.frames += all.length;
    await Promise.all(
      this.clients.map(async (client, at) => {
        for (let next = at; next < all.length; next += this.clients.length) {
          const frame = all[next];
          if (frame) await client.send(frame);
        }
        await client.settled();
      }),
    );
  }
}

/** Rooms that lie on all partitions together. */
async function roomOnEachPartition(maru: Maru, user: TestUser): Promise<string[]> {
  const env = kafkaConfig.parse({ KAFKA_BROKERS: maru.run.brokers.join() });
  const producer = new ProducerService(kafkaConfigFrom(env, 'fuzz'));
  const count = await producer.partitionCount(topics.chatCommands);
  await producer.stop();
  const rooms = new Map<number, string>();
  while (rooms.size < count) {
    const { id } = await maru.rest().createRoom(user.token, { name: 'One', visibility: 'private' });
    rooms.set(partitionOf(id, count), id);
  }
  return [...rooms.values()];
}

/** Every partition of every part still does its work: messages, markers, sign-up, and the end of an account. */
async function goesOn(maru: Maru, user: TestUser, rooms: readonly string[]): Promise<void> {
  await maru.ready();
  for (const room of rooms) {
    const { seq } = await maru.rest().post(user.token, room, { text: 'still here' });
    await maru.rest().read(user.token, room, seq);
  }
  for (let turn = 0; turn < 6; turn++) {
    const guest = await newUser(maru.rest(), 'Guest');
    const [room = ''] = rooms;
    await maru.rest().add(user.token, room, guest.id);
    await maru.rest().get('DELETE', '/users/me', guest.token);
    const gone = async () =>
      (await maru.rest().members(user.token, room)).items.every((of) => of.userId !== guest.id);
    await until('a deleted user has left his room', gone, 30_000);
    const refused = async () => (await maru.rest().ask('GET', '/rooms', guest.token)).status === 401;
    await until('a deleted user is out', refused, 30_000);
  }
}
