import { Controller, Injectable, Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { z } from 'zod';
import { DeadLetters } from '../dead-letters/dead-letters';
import { ProducerService } from '../producer/producer.service';
import { cloudEventHeaders } from '../records/cloud-event';
import { RequestClient } from '../requests/request-client';
import { randomName, TestKafka, until } from '../testing/test-kafka';
import { KafkaModule } from './kafka.module';
import { KafkaTransport } from './kafka-transport';
import { RecordContext } from './record-context';

@Injectable()
class Seen {
  readonly calls: [string, unknown][] = [];
  failures = 0;
  readonly places: string[] = [];
}

@Controller()
class EventsController {
  constructor(private readonly seen: Seen) {}

  @EventPattern<string>('user.created')
  created(@Payload() user: { name: string }, @Ctx() context: RecordContext): void {
    const [record] = context.records;
    this.seen.places.push(`${record?.partition}@${record?.offset}`);
    if (user.name === 'flaky' && this.seen.failures++ < 1) throw new Error('flaky once');
    if (user.name === 'poison') throw new Error('this very user cannot be taken');
    this.seen.calls.push(['user.created', user.name]);
  }

  @EventPattern('message', { batch: true })
  async messages(@Payload() messages: { n: number }[]): Promise<void> {
    this.seen.calls.push(['message', messages.map(({ n }) => n)]);
  }

  @MessagePattern('user.greet')
  async greet(@Payload() { name }: { name: string }): Promise<string> {
    return `hello ${name}`;
  }
}

describe('KafkaTransport', () => {
  const kafka = new TestKafka();
  const group = randomName('g');
  let app: INestApplication;
  let seen: Seen;
  let topic: string;

  const tell = (type: string, value: unknown) =>
    app.get(ProducerService).send({
      topic,
      key: 'k',
      value: typeof value === 'string' ? value : JSON.stringify(value),
      headers: cloudEventHeaders({ type, source: '/test', id: randomName('e') }),
    });
  const calls = (count: number) => until(`${count} calls`, () => seen.calls.length >= count);
  const causes = async () => (await app.get(DeadLetters).list(group)).map(({ cause }) => cause);

  beforeAll(async () => {
    topic = await kafka.topic();
    // As the apps want it, who start on the same broker.
    const config = {
      'retention.ms': '3600000',
      'message.timestamp.type': 'LogAppendTime',
      'min.insync.replicas': '1',
    };
    await kafka.admin.make({ name: 'replies', partitions: 12, replicationFactor: 1, config });
    @Module({
      imports: [KafkaModule.forRoot({ config: kafka.config, logger: kafka.log })],
      controllers: [EventsController],
      providers: [Seen],
    })
    class AppModule {}
    app = await NestFactory.create(AppModule, { logger: false });
    seen = app.get(Seen);
    const user = z.object({ name: z.string() });
    const contracts = {
      'user.created': { topic, schema: user },
      'user.greet': { topic, schema: user },
      message: { topic, schema: z.object({ n: z.number() }) },
    };
    app.connectMicroservice(
      { strategy: KafkaTransport.of(app, { group, contracts }) },
      { inheritAppConfig: false },
    );
    await app.init();
    await app.startAllMicroservices();
  });
  beforeEach(() => void seen.calls.splice(0));
  afterAll(() => kafka.stop());

  it('hands an event to the handler of its type, as its contract has it, and passes over others', async () => {
    await tell('user.deleted', { name: 'nobody asks for this type' });
    await tell('user.created', { name: 'ada', more: 'is not in the contract' });
    await calls(1);
    expect(seen.calls).toEqual([['user.created', 'ada']]);
    expect(seen.places.at(-1)).toBe('0@1');
  });

  it('puts aside what breaks its contract or is no JSON, naming the field, without asking the handler', async () => {
    await tell('user.created', { name: 5 });
    await tell('user.created', '{');
    await tell('user.created', { name: 'next' });
    await calls(1);
    expect(seen.calls).toEqual([['user.created', 'next']]);
    expect(await causes()).toEqual([
      expect.stringMatching(/^InvalidRecordError: user\.created: name: /),
      'InvalidRecordError: user.created: the value is not JSON',
    ]);
  });

  it('retries a handler that throws, then puts the record aside with what was really thrown', async () => {
    for (const name of ['flaky', 'poison', 'after']) await tell('user.created', { name });
    await calls(2);
    expect(seen.calls.map(([, name]) => name)).toEqual(['flaky', 'after']);
    expect((await causes()).at(-1)).toBe('Error: this very user cannot be taken');
  });

  it('gives a batch handler the records of its type that follow each other, in order', async () => {
    await Promise.all([0, 1, 2, 3].map((n) => tell('message', { n })));
    await until('all are seen', () => seen.calls.flatMap(([, ns]) => ns).length === 4);
    expect(seen.calls.flatMap(([, ns]) => ns)).toEqual([0, 1, 2, 3]);
  });

  it('answers a request with what a message handler returns', async () => {
    const asked = app
      .get(RequestClient)
      .request({ topic, key: 'k', type: 'user.greet', value: '{"name":"ada"}' });
    expect(await asked).toBe('hello ada');
  });

  it('hands replayed dead letters to its handlers', async () => {
    await tell('user.created', { name: 'flaky' });
    await calls(1);
    const count = (await causes()).length;
    expect(await app.get(DeadLetters).replay(group)).toBe(count);
    await until('they failed again', async () => (await causes()).length === 2 * count);
  });

  it('refuses to start with a pattern that no contract knows', async () => {
    const transport = KafkaTransport.of(app, { group, contracts: {} });
    transport.addHandler('user.unknown', async () => undefined, true);
    const started = new Promise((resolve) => transport.listen(resolve));
    expect(await started).toMatchObject({ message: expect.stringContaining('user.unknown') as string });
  });

  it('lets a handler that is at work finish, send and commit when the app is closed', async () => {
    const producer = app.get(ProducerService);
    await tell('user.created', { name: 'last' });
    await calls(1);
    await app.close();
    expect((await kafka.admin.committed(group, [topic]))[topic]?.[0]).toBe(
      (await kafka.admin.ends(topic))[0],
    );
    await expect(producer.send({ topic, key: 'k', value: '1' })).rejects.toThrow(/stopped/);
  });
});
