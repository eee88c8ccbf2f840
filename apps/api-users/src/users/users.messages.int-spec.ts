import { randomUUID } from 'node:crypto';
import { type RequestReply, requestContracts, type RequestType } from '@maru/contracts';
import {
  ConsumerService,
  kafkaConfig,
  kafkaConfigFrom,
  ProducerService,
  RequestClient,
} from '@maru/kafka-client';
import { AccountServices } from '../testing/account-services';

const config = kafkaConfigFrom(kafkaConfig.parse(process.env), 'messages-test');
const producer = new ProducerService(config);
const consumer = new ConsumerService(config);
const client = new RequestClient(producer, consumer, { source: '/test' });
let services: AccountServices;
let ann: Awaited<ReturnType<AccountServices['join']>>;
let bob: typeof ann;

beforeAll(async () => {
  services = await AccountServices.start();
  await producer.start();
  await client.start();
  const tag = randomUUID().slice(0, 8);
  [ann, bob] = [await services.join({ name: `Ann ${tag}` }), await services.join({ name: `Bob ${tag}` })];
});
afterAll(async () => {
  await client.stop();
  await consumer.stop();
  await producer.stop();
  await services.stop();
});

/** As the gateway asks. */
const ask = (type: RequestType, body: object, userId = ann.user.id) =>
  client.request<RequestReply>({
    topic: requestContracts[type].topic,
    key: userId,
    type,
    value: JSON.stringify({
      asker: { userId, sessionId: randomUUID() },
      command: { id: 'x', type, ...body },
    }),
  });
const get = async (path: string) => (await services.call('GET', path, undefined, ann.token)).body;

describe('what is asked of api-users over Kafka', () => {
  it('is answered as over REST', async () => {
    const { name, id } = bob.user;
    expect(await ask('findUsers', { query: name })).toEqual({
      ok: true,
      answer: await get(`/api/users?query=${encodeURIComponent(name)}`),
    });
    for (let turn = 0; turn < 2; turn++) {
      expect(await ask('addFriends', { userIds: [id, randomUUID()] })).toMatchObject({
        ok: true,
        answer: { items: [{ userId: id, outcome: 'requested' }, { outcome: 'user_not_found' }] },
      });
    }
    expect(await ask('myFriends', {})).toEqual({ ok: true, answer: await get('/api/users/me/friends') });
    expect(await ask('setStatus', { statusMessage: 'away' })).toMatchObject({
      ok: true,
      answer: { id: ann.user.id, statusMessage: 'away' },
    });
    expect(await get('/api/users/me')).toMatchObject({ statusMessage: 'away', name: ann.user.name });
  });

  it('is refused with the same codes, at once', async () => {
    const code = async (reply: Promise<RequestReply>) => {
      const { ok, ...rest } = await reply;
      return ok ? 'ok' : (rest as { error: { code: string } }).error.code;
    };
    const nobody = randomUUID();
    expect(await code(ask('setStatus', { statusMessage: 'x' }, nobody))).toBe('user_not_found');
    expect(await code(ask('addFriends', { userIds: [ann.user.id] }))).toBe('bad_request');
    expect(await code(ask('myFriends', { cursor: 'no cursor' }))).toBe('bad_request');
    expect(await code(ask('addFriends', { userIds: [bob.user.id] }))).toBe('ok');
  });
});
