import { randomUUID } from 'node:crypto';
import { type Command, type CommandReply, topics } from '@maru/contracts';
import {
  ConsumerService,
  kafkaConfig,
  kafkaConfigFrom,
  ProducerService,
  RequestClient,
} from '@maru/kafka-client';
import type { RunFile } from '@maru/stack';
import type { Bench } from './bench';
import { type CpuByName, cpuOfEach } from './cpu';
import { cpuFigures, type Figure } from './report';
import type { Row } from './row';
import { spread } from './statistics';

export interface CommittedRun {
  committedASecond: number;
  messages: number;
  cpuMs: CpuByName;
}

const rooms = 48;
const sendersARoom = 20;
const outstanding = 8000;
const text = 'The quick brown fox jumps over the lazy dog, then sits down to think about it.';

export const committedRow: Row = {
  name: 'committed',
  about: 'messages decided and committed, as many as the machine bears',
  measure,
};

/** Puts commands on the log as a door does, many outstanding, until all are answered: committed and at a seq. */
export class CommittedBench {
  private readonly producer: ProducerService;
  private readonly consumer: ConsumerService;
  private readonly requests: RequestClient;
  private readonly rooms: { roomId: string; userIds: string[] }[] = [];

  constructor(brokers: readonly string[]) {
    const config = kafkaConfigFrom(kafkaConfig.parse({ KAFKA_BROKERS: brokers.join() }), 'bench');
    this.producer = new ProducerService(config);
    this.consumer = new ConsumerService(config);
    this.requests = new RequestClient(this.producer, this.consumer, { source: '/bench', timeoutMs: 60_000 });
  }

  /** Makes the rooms, with users that nobody but the writer has to know. */
  async start(): Promise<void> {
    await this.producer.start();
    await this.requests.start();
    for (let index = 0; index < rooms; index++) {
      const userIds = Array.from({ length: sendersARoom }, () => randomUUID());
      const roomId = randomUUID();
      const [userId = '', ...memberIds] = userIds;
      const name = `Bench ${index}`;
      await this.ask({
        type: 'createRoom',
        roomId,
        userId,
        id: randomUUID(),
        name,
        visibility: 'private',
        memberIds,
      });
      this.rooms.push({ roomId, userIds });
    }
  }

  async run(seconds: number, processes: RunFile['processes']): Promise<CommittedRun> {
    const run = randomUUID().slice(0, 8);
    const seqs = new Map<string, Set<number>>(this.rooms.map(({ roomId }) => [roomId, new Set()]));
    const cpuMs = cpuOfEach(processes);
    const start = performance.now();
    let sent = 0;
    const lane = async (): Promise<void> => {
      while (performance.now() - start < seconds * 1000) {
        const number = sent++;
        const room = this.rooms[number % rooms];
        const userId = room?.userIds[Math.floor(number / rooms) % sendersARoom] ?? '';
        const roomId = room?.roomId ?? '';
        const seq = await this.ask({
          type: 'sendMessage',
          roomId,
          userId,
          id: `${run}-${number}`,
          text,
          kind: 'text',
          metadata: {},
        });
        seqs.get(roomId)?.add(seq);
      }
    };
    await Promise.all(Array.from({ length: outstanding }, lane));
    const took = (performance.now() - start) / 1000;
    const places = [...seqs.values()].reduce((sum, { size }) => sum + size, 0);
    if (places !== sent) throw new Error(`${sent} messages were answered with ${places} places`);
    return { committedASecond: sent / took, messages: sent, cpuMs: cpuMs(sent) };
  }

  async stop(): Promise<void> {
    await this.requests.stop();
    await this.consumer.stop();
    await this.producer.stop();
  }

  private async ask(command: Command): Promise<number> {
    const reply = await this.requests.request<CommandReply>({
      topic: topics.chatCommands,
      key: command.roomId,
      type: command.type,
      value: JSON.stringify(command),
    });
    if (!reply.ok) throw new Error(`refused: ${reply.error.code} ${reply.error.message}`);
    return reply.seq;
  }
}

async function measure(bench: Bench): Promise<Figure[]> {
  const { brokers, processes } = (await bench.maru()).run;
  const load = new CommittedBench(brokers);
  await load.start();
  try {
    await load.run(2, processes);
    const runs = await bench.repeat('committed', () => load.run(bench.options.seconds, processes));
    const rates = spread(runs.map(({ committedASecond }) => committedASecond));
    return [{ name: 'committed messages/s', unit: '/s', ours: rates }, ...cpuFigures(runs, 'µs')];
  } finally {
    await load.stop();
  }
}
