import { RequestTimeoutError, TooManyRequestsError } from '../errors';
import type { ConsumerService } from '../consumer/consumer.service';
import type { ProducerService } from '../producer/producer.service';
import type { IncomingRecord } from '../records/record';
import { randomName, TestKafka, until } from '../testing/test-kafka';
import { replyAddress } from './reply-address';
import { type Reply, ReplyService } from './reply.service';
import { RequestClient, type RequestOptions } from './request-client';

describe('request and reply', () => {
  const kafka = new TestKafka();
  let producer: ProducerService;
  let consumer: ConsumerService;
  let commands: string;
  let replies: string;
  const asked: IncomingRecord[] = [];
  const clients: RequestClient[] = [];
  const ask = <T>(client: RequestClient, body: unknown, timeoutMs?: number) =>
    client.request<T>({
      topic: commands,
      key: 'room',
      type: 'test.ask',
      value: JSON.stringify(body),
      ...(timeoutMs !== undefined && { timeoutMs }),
    });

  async function client(options: Partial<RequestOptions> = {}): Promise<RequestClient> {
    const one = new RequestClient(producer, consumer, { source: '/test', topic: replies, ...options });
    clients.push(one);
    await one.start();
    return one;
  }

  beforeAll(async () => {
    producer = await kafka.producer();
    consumer = kafka.consumer();
    [commands, replies] = [await kafka.topic(3), await kafka.topic(1)];
    const answers = new ReplyService(producer, replies);
    await kafka.consumer().subscribe({
      group: randomName('answerer'),
      topics: [commands],
      worker: async (queue) => {
        for (;;) {
          const records = await queue.next(1000);
          asked.push(...records);
          await answers.send(records.flatMap(answer));
          queue.commit((records.at(-1)?.offset ?? 0) + 1);
        }
      },
    });
  });
  afterAll(async () => {
    for (const one of clients) await one.stop();
    await kafka.stop();
  });

  function answer(record: IncomingRecord): Reply[] {
    const to = replyAddress(record);
    const body = JSON.parse(String(record.value)) as { silent?: boolean };
    return to && !body.silent ? [{ to, body: { echo: body } }] : [];
  }

  it('gives each of many requests at once the body of its own reply', async () => {
    const one = await client();
    const bodies = await Promise.all(Array.from({ length: 2000 }, (_, n) => ask(one, { n })));
    expect(bodies).toEqual(Array.from({ length: 2000 }, (_, n) => ({ echo: { n } })));
  });

  it('misses no reply to a request made right after the start, and keeps askers of one slot apart', async () => {
    for (let round = 0; round < 5; round++) {
      const both = await Promise.all([client(), client()]);
      expect(await Promise.all(both.map((one, n) => ask(one, { n }, 3000)))).toEqual([
        { echo: { n: 0 } },
        { echo: { n: 1 } },
      ]);
      expect(new Set(both.map(({ askerId }) => askerId)).size).toBe(2);
    }
  });

  it.each([
    ['a slot beyond the topic', { slot: '999' }],
    ['a slot that is no number', { slot: '1e9' }],
    ['an asker without end', { asker: 'x'.repeat(900_000) }],
    ['an id without end', { id: 'x'.repeat(900_000) }],
  ])('answers nobody at an address with %s, and goes on', async (_, wrong) => {
    const { asker, slot, id } = { asker: 'somebody', slot: '0', id: '1', ...wrong };
    const headers = { 'maru-asker': asker, 'maru-slot': slot, 'maru-request': id };
    await producer.send({ topic: commands, key: 'room', value: '{}', headers });
    expect(await ask(await client(), { n: 'after' }, 5000)).toEqual({ echo: { n: 'after' } });
  });

  it.each(['no JSON', '{}', 'null', '[null]', '[{"id":1}]', '[{"body":1}]'])(
    'passes over a reply that is none: %s',
    async (value) => {
      const one = await client();
      await producer.send({
        topic: replies,
        key: '0',
        partition: 0,
        value,
        headers: { 'maru-asker': one.askerId },
      });
      expect(await ask(one, { n: 'after' }, 5000)).toEqual({ echo: { n: 'after' } });
    },
  );

  it('sends a command as a CloudEvent that names its type, source and id', async () => {
    const one = await client();
    await ask(one, { n: 'headers' });
    expect(asked.at(-1)?.headers).toMatchObject({
      ce_specversion: '1.0',
      ce_type: 'test.ask',
      ce_source: '/test',
      ce_id: expect.stringContaining(one.askerId) as string,
      'content-type': 'application/json',
    });
  });

  it('is answered by the event that its command became, for an asker who hears events', async () => {
    const [one, other] = [await client(), await client()];
    const value = JSON.stringify({ silent: true, n: 'heard' });
    const answer = one.request({ topic: commands, key: 'room', type: 'test.ask', value, hearsEvents: true });
    const command = () => asked.find((record) => String(record.value) === value);
    await until('the command was heard', () => command() !== undefined);
    const to = replyAddress(command() as IncomingRecord);
    expect(to).toMatchObject({ asker: one.askerId, hearsEvents: true });
    const event = { headers: { ce_causationid: command()?.headers['ce_id'] } } as unknown as IncomingRecord;
    other.heard(event, () => 'for another');
    one.heard({ ...event, headers: {} }, () => 'of nothing asked here');
    one.heard(event, () => 'as it happened');
    one.heard(event, () => 'once more');
    expect(await answer).toBe('as it happened');
  });

  it('says that the outcome is unknown when no reply comes in time', async () => {
    const one = await client({ timeoutMs: 300 });
    const silent = ask(one, { silent: true });
    await expect(silent).rejects.toThrow(RequestTimeoutError);
    await expect(silent).rejects.toMatchObject({ retryable: true });
    await until('the command was heard', () => asked.some(({ value }) => String(value).includes('silent')));
  });

  it('refuses a request beyond its bound without sending it', async () => {
    const one = await client({ timeoutMs: 500, maxOutstanding: 2 });
    const waiting = [ask(one, { silent: true }), ask(one, { silent: true })];
    await expect(ask(one, { n: 'unsent' })).rejects.toThrow(TooManyRequestsError);
    await Promise.allSettled(waiting);
    expect(asked.some(({ value }) => String(value).includes('unsent'))).toBe(false);
  });

  it('starts with the first request when it was not started, and ends what waits when it stops', async () => {
    const one = new RequestClient(producer, consumer, { source: '/test', topic: replies });
    clients.push(one);
    expect(await ask(one, { n: 1 })).toEqual({ echo: { n: 1 } });
    const waiting = ask(one, { silent: true });
    const ended = expect(waiting).rejects.toThrow(/unknown/);
    await one.stop();
    await ended;
  });

  it('carries replies that are too large for one record in several', async () => {
    const one = await client();
    const texts = Array.from({ length: 8 }, (_, n) => ({ n, text: '마'.repeat(60_000) }));
    expect(await Promise.all(texts.map((body) => ask(one, body)))).toEqual(texts.map((echo) => ({ echo })));
  });
});
