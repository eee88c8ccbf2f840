import { randomUUID } from 'node:crypto';
import { routedTopics, topics } from '@maru/contracts';
import { ConsumerService, kafkaConfig, kafkaConfigFrom, TopicsAdmin } from '@maru/kafka-client';
import { CommandStream } from './support/command-stream';
import { type Maru, startMaru } from './support/maru';
import { until } from './support/until';
import { newUsers, type TestUser } from './support/user';

const timeoutMs = 4000;

/** All that lies on the topics of Maru, as text. */
async function wholeLog(maru: Maru): Promise<string> {
  const env = { ...process.env, KAFKA_BROKERS: maru.run.brokers.join() };
  const config = kafkaConfigFrom(kafkaConfig.parse(env), 'e2e');
  const [admin, consumer] = [new TopicsAdmin(config), new ConsumerService(config)];
  const names = Object.values(topics).filter((name) => !routedTopics.includes(name));
  const left = new Map<string, number>();
  for (const name of names) {
    const ends = await admin.ends(name);
    ends.forEach((end, partition) => end > 0 && left.set(`${name}/${partition}`, end));
  }
  let text = '';
  try {
    await consumer.subscribe({
      group: `e2e.${randomUUID()}`,
      topics: names,
      fromBeginning: true,
      worker: async (queue) => {
        const place = `${queue.topic}/${queue.partition}`;
        for (;;) {
          for (const { offset, value, headers } of await queue.next(500)) {
            text += `${value?.toString() ?? ''}${JSON.stringify(headers)}\n`;
            if (offset + 1 >= (left.get(place) ?? 0)) left.delete(place);
          }
        }
      },
    });
    await until('the log is read', () => left.size === 0, 60_000);
  } finally {
    await consumer.stop();
    await admin.stop();
  }
  return text;
}

describe('commands beside a stream', () => {
  const streams: CommandStream[] = [];
  let maru: Maru;
  let ann: TestUser;
  let bob: TestUser;
  beforeAll(async () => {
    maru = await startMaru({ gateways: 2, env: { REQUEST_TIMEOUT_MS: String(timeoutMs) } });
    [ann, bob] = (await newUsers(maru.rest(), ['Ann', 'Bob'])) as [TestUser, TestUser];
  }, 120_000);
  afterAll(async () => {
    for (const stream of streams) stream.close();
    await maru.stop();
  });

  async function streamOf(token: string, beside = 0): Promise<CommandStream> {
    const stream = new CommandStream(maru.rest(), token, maru.rest(beside));
    streams.push(stream);
    return stream.open();
  }
  const logIn = async () => (await maru.rest().logIn(ann.email, ann.password)).accessToken;

  it.each([
    ['the same gateway', 0],
    ['another one', 1],
  ])(
    'are each done, asked of %s, and the session that logs out is told before its stream ends',
    async (_, at) => {
      const stream = await streamOf(await logIn(), at);
      const id = (n: number): string => `${at}-${n}`;
      const ok = (answer: object) => ({ ok: true, answer });
      const name = `Tea ${at}`;
      const opened = { name, visibility: 'private', memberIds: [bob.id] };
      const room = await stream.reply(id(1), 'openRoom', opened);
      expect(room).toMatchObject(ok({ name, ownerId: ann.id }));
      const { id: roomId } = room['answer'] as { id: string };
      expect(await stream.reply(id(1), 'openRoom', opened)).toEqual(room);
      const sent = await stream.reply(id(2), 'sendMessage', { roomId, text: 'hello' });
      expect(sent).toMatchObject(ok({ id: id(2) }));
      expect((await stream.until('newMessage', (body) => body['roomId'] === roomId))['text']).toBe('hello');
      expect(await stream.reply(id(3), 'myRooms')).toMatchObject(
        ok({ items: expect.arrayContaining([expect.objectContaining({ id: roomId })]) as object }),
      );
      expect(await stream.reply(id(4), 'findUsers', { query: 'Bob' })).toMatchObject(
        ok({ items: [{ id: bob.id, name: 'Bob' }] }),
      );
      expect(await stream.reply(id(5), 'addFriends', { userIds: [bob.id] })).toMatchObject(
        ok({ items: [{ userId: bob.id, outcome: 'requested' }] }),
      );
      expect(await stream.reply(id(6), 'myFriends')).toMatchObject(
        ok({ items: [{ userId: bob.id, state: 'outgoing' }] }),
      );
      expect(await stream.reply(id(7), 'setStatus', { statusMessage: `here ${at}` })).toMatchObject(
        ok({ id: ann.id, statusMessage: `here ${at}` }),
      );
      expect((await stream.ask(id(8), 'logOut')).status).toBe(202);
      expect(await stream.until('closing')).toEqual({ code: 'session_ended', reconnect: false });
      // Of the end a stream may be told as well, by another reader of the log.
      const told = stream.told.filter(({ name }) => name !== 'sessionEnded');
      if (at === 0) expect(told.at(-2)).toMatchObject({ name: 'reply', body: { id: id(8), ok: true } });
      await until(
        'the gateway that is asked has heard of it',
        async () => (await stream.ask(id(9), 'logOut')).status === 401,
      );
      expect(await stream.ask(id(9), 'logOut')).toMatchObject({
        status: 401,
        body: { code: 'session_ended' },
      });
      const replies = stream.told.filter(({ body, name: told }) => told === 'reply' && body['id'] !== id(8));
      expect(replies.map(({ body }) => body['id'])).toEqual([1, 1, 2, 3, 4, 5, 6, 7].map(id));
    },
  );

  it('are refused by their owner with its code, in the order in which they were asked', async () => {
    const stream = await streamOf(ann.token);
    const nobody = randomUUID();
    const refused = async (id: string, type: string, body: object) =>
      ((await stream.reply(id, type, body))['error'] as { code?: string } | undefined)?.code;
    const message = { roomId: randomUUID(), text: 'hello' };
    expect(await refused('a', 'sendMessage', message)).toBe('room_not_found');
    const room = { name: 'Nobody', visibility: 'private', memberIds: [nobody] };
    expect(await refused('b', 'openRoom', room)).toBe('user_not_found');
    expect(await refused('c', 'addFriends', { userIds: [ann.id] })).toBe('bad_request');
    expect(await refused('d', 'myRooms', { cursor: 'none' })).toBe('bad_request');
    expect(await refused('e', 'myFriends', { cursor: 'none' })).toBe('bad_request');
    const asked = await stream.reply('f', 'addFriends', { userIds: [nobody, bob.id] });
    expect(asked['answer']).toMatchObject({
      items: [{ userId: nobody, outcome: 'user_not_found' }, { userId: bob.id }],
    });
    for (const [type, body] of [
      ['findUsers', { query: 'Bob', limit: 0 }],
      ['setStatus', { statusMessage: 'x'.repeat(141) }],
      ['logIn', { email: ann.email, password: ann.password }],
    ] as const) {
      expect(await stream.ask('g', type, body)).toMatchObject({ status: 400, body: { code: 'bad_request' } });
    }
    const order = stream.told.flatMap(({ name, body }) => (name === 'reply' ? [body['id']] : []));
    expect(order).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('are joined by what log-ins and log-outs over HTTP came to', async () => {
    const stream = await streamOf(ann.token);
    const { accessToken, refreshToken } = await maru.rest().logIn(ann.email, ann.password);
    const { sessionId } = await stream.until('sessionStarted');
    await maru.rest().logOut(accessToken, refreshToken);
    await stream.until('sessionEnded', (body) => body['sessionId'] === sessionId);
  });

  it('are told as unknown within the time-out when their owner is away, and done when it is back', async () => {
    const stream = await streamOf(ann.token);
    const users = maru.processes.get('api-users');
    users?.kill('SIGSTOP');
    try {
      const began = Date.now();
      const reply = await stream.reply('away', 'findUsers', { query: 'Bob' }, 2 * timeoutMs);
      expect(reply).toMatchObject({ ok: false, error: { code: 'outcome_unknown', retryable: true } });
      expect(Date.now() - began).toBeLessThan(2 * timeoutMs);
      expect(await stream.reply('rooms', 'myRooms')).toMatchObject({ ok: true });
    } finally {
      users?.kill('SIGCONT');
    }
    await until(
      'api-users answers again',
      async () => (await stream.reply(randomUUID(), 'findUsers', { query: 'Bob' }))['ok'] === true,
      60_000,
    );
  }, 90_000);

  it('put no password on any log', async () => {
    const text = await wholeLog(maru);
    expect(text).toContain('"type":"findUsers"');
    for (const secret of [ann.password, bob.password, ann.refreshToken, ann.token]) {
      expect(text.includes(secret)).toBe(false);
    }
  }, 90_000);
});
