import { createHmac, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Mailbox, type NotificationRequested, type RoomPresence, topics } from '@maru/contracts';
import { ConsumerService, kafkaConfig, kafkaConfigFrom } from '@maru/kafka-client';
import { ChatClient } from './support/chat-client';
import { type Maru, startMaru } from './support/maru';
import { pause, until } from './support/until';
import { newUsers, type TestUser } from './support/user';

const secret = 'a secret of the webhook';

describe('who is away', () => {
  let maru: Maru;
  let server: Server;
  let consumer: ConsumerService;
  let status = 204;
  const clients: ChatClient[] = [];
  const posted: { body: NotificationRequested; genuine: boolean }[] = [];
  const onTopic: NotificationRequested[] = [];
  const putAside: { cause: string; seq: number }[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      void request.toArray().then((parts: Buffer[]) => {
        const body = Buffer.concat(parts).toString();
        const [, t, v1] = /^t=(\d+),v1=(.+)$/.exec(String(request.headers['maru-signature'])) ?? [];
        const expected = createHmac('sha256', secret).update(`${t}.${body}`).digest('hex');
        posted.push({ body: JSON.parse(body) as NotificationRequested, genuine: v1 === expected });
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const WEBHOOK_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/push`;
    const webhook = {
      WEBHOOK_URL,
      WEBHOOK_SECRET: secret,
      WEBHOOK_ALLOW_PRIVATE: 'on',
      WEBHOOK_RETRY_COUNT: '1',
    };
    maru = await startMaru({ gateways: 2, writers: 2, envOf: { 'api-chat': webhook } });
    const env = kafkaConfig.parse({ KAFKA_BROKERS: maru.run.brokers.join(',') });
    consumer = new ConsumerService(kafkaConfigFrom(env, 'e2e'));
    await read(topics.notifications, (value) => onTopic.push(JSON.parse(value) as NotificationRequested));
  }, 120_000);
  afterAll(async () => {
    for (const client of clients) client.drop();
    await consumer.stop();
    server.closeAllConnections();
    server.close();
    await maru.stop();
  });

  async function read(topic: string, take: (value: string, cause: string) => void): Promise<void> {
    await consumer.subscribe({
      group: `e2e-${randomUUID()}`,
      topics: [topic],
      fromBeginning: true,
      worker: async (queue) => {
        for (;;)
          for (const { value, headers } of await queue.next(100))
            take(value?.toString() ?? '', headers['maru-dead-cause'] ?? '');
      },
    });
  }
  const connect = async (user: TestUser, gateway: number): Promise<ChatClient> => {
    const client = new ChatClient(user, { urls: [maru.urls[gateway] ?? ''] });
    clients.push(client);
    return client.connect();
  };
  const roomOf = async (owner: TestUser, ...members: TestUser[]): Promise<string> => {
    const memberIds = members.map(({ id }) => id);
    return (await maru.rest().createRoom(owner.token, { name: 'Room', visibility: 'private', memberIds })).id;
  };
  const of = (list: readonly NotificationRequested[], { id }: TestUser) =>
    list.filter(({ userId }) => userId === id).map(({ seq }) => seq);
  const overHttp = () => posted.map(({ body }) => body);
  const mailbox = async ({ token }: TestUser) =>
    (await maru.rest().get<Mailbox>('GET', '/mailbox', token)).items;

  it('is notified once within 15 s when his gateway is killed, on the topic and over HTTP; others are not', async () => {
    const [ann, bob, cyd, dan] = (await newUsers(maru.rest(), ['Ann', 'Bob', 'Cyd', 'Dan'])) as [
      ...[TestUser, TestUser, TestUser, TestUser],
    ];
    const room = await roomOf(ann, bob, cyd, dan);
    await maru.rest().get('POST', `/rooms/${room}/mute`, cyd.token, {});
    const hour = (inMinutes: number) => new Date(Date.now() + inMinutes * 60_000).toISOString().slice(11, 16);
    const hours = { from: hour(-5), to: hour(30), timeZone: 'UTC' };
    await maru.rest().get('POST', '/notifications/quiet-hours', dan.token, hours);
    const eve = await connect(ann, 0);
    const bobs = await connect(bob, 1);
    const { seq: heard } = await maru.rest().post(ann.token, room, { text: 'while he is there' });
    await bobs.caughtUp(room, heard);

    maru.processes.get('gateway-2')?.kill('SIGKILL');
    bobs.drop();
    const killedAt = Date.now();
    const { seq } = await maru.rest().post(ann.token, room, { text: 'when he has gone' });
    await until('he is notified', () => of(overHttp(), bob).includes(seq), 30_000);
    // 10 s of silence, and as long again where the brokers were slow to answer.
    expect(Date.now() - killedAt).toBeLessThan(25_000);
    await until('it is on the topic', () => of(onTopic, bob).includes(seq));
    expect(of(onTopic, bob).filter((one) => one === seq)).toHaveLength(1);
    const [missed] = await mailbox(bob);
    expect(missed).toMatchObject({ roomId: room, lastMessage: { seq, text: 'when he has gone' } });

    const { seq: last } = await maru
      .rest()
      .post(ann.token, room, { text: 'and later', metadata: { mentions: [dan.id] } });
    await until('he is notified again', () => of(overHttp(), bob).includes(last), 20_000);
    await eve.caughtUp(room, last);
    for (const list of [onTopic, overHttp()]) {
      expect(new Set(of(list, bob)).size).toBe(of(list, bob).length);
      expect([ann, cyd, dan].flatMap((user) => of(list, user))).toEqual([]);
    }
    expect(posted.every(({ genuine }) => genuine)).toBe(true);

    const back = await connect(bob, 0);
    await until('api-chat knows that he is back', async () => {
      const { items } = await maru.rest().get<RoomPresence>('GET', `/rooms/${room}/presence`, ann.token);
      return items?.some(({ userId, state }) => userId === bob.id && state === 'online') === true;
    });
    const { seq: live } = await maru.rest().post(ann.token, room, { text: 'he is back' });
    await back.caughtUp(room, live);
    await back.ask('read', { roomId: room, seq: live });
    await until('his mailbox is empty', async () => (await mailbox(bob)).length === 0);
    await pause(1000);
    expect([of(onTopic, bob), of(overHttp(), bob)]).toEqual([
      expect.not.arrayContaining([live]),
      expect.not.arrayContaining([live]),
    ]);
  }, 120_000);

  it('has his notification put aside when the receiver has refused it twice', async () => {
    const [ann, bob] = (await newUsers(maru.rest(), ['Ann', 'Bob'])) as [TestUser, TestUser];
    const room = await roomOf(ann, bob);
    status = 500;
    const { seq } = await maru.rest().post(ann.token, room, { text: 'hello' });
    await until('it was tried twice', () => of(overHttp(), bob).length === 2);
    await read('dead-letter.api-chat-webhooks', (value, cause) => {
      putAside.push({ cause, seq: (JSON.parse(value) as NotificationRequested).seq });
    });
    await until('it is put aside', () => putAside.length > 0);
    expect(putAside).toEqual([{ cause: 'WebhookError: the receiver answered 500', seq }]);
    expect(of(overHttp(), bob)).toEqual([seq, seq]);
  }, 60_000);
});
