import { randomUUID } from 'node:crypto';
import { CodedError, topics } from '@maru/contracts';
import { cloudEventHeaders, ProducerService } from '@maru/kafka-client';
import { EventStream } from '../testing/event-stream';
import { GatewayRig } from '../testing/gateway-rig';
import { Owners } from '../testing/owners';
import { until } from '../testing/until';
import { Writer } from '../testing/writer';

interface Session {
  userId: string;
  sessionId: string;
  token: string;
}

describe('commands beside a stream', () => {
  const streams: EventStream[] = [];
  let rig: GatewayRig;
  let other: GatewayRig;
  let owners: Owners;
  let writer: Writer;
  beforeAll(async () => {
    rig = await GatewayRig.start({ REQUEST_TIMEOUT_MS: '5000', MAX_OUTSTANDING: '3' });
    other = await GatewayRig.start({}, rig.services);
    owners = await new Owners(rig).start();
    writer = await new Writer(rig).start();
  });
  beforeEach(() => {
    owners.answer = () => ({ ok: true, answer: { items: [] } });
  });
  afterAll(async () => {
    for (const stream of streams) stream.close();
    await owners.stop();
    await writer.stop();
    await other.close();
    await rig.stop();
  });

  async function session(userId: string = randomUUID()): Promise<Session> {
    const sessionId = randomUUID();
    return { userId, sessionId, token: await rig.services.token(userId, { sessionId }) };
  }
  async function stream({ token }: Session, at = rig): Promise<EventStream> {
    const one = await EventStream.open(`${at.url}/api/stream`, { authorization: `Bearer ${token}` });
    streams.push(one);
    await one.until(({ event }) => event === 'ready');
    return one;
  }
  async function ask({ token }: Pick<Session, 'token'>, body: unknown, at = rig) {
    const answer = await fetch(`${at.url}/api/commands`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }
  const of = ({ userId }: Session) => owners.asked.filter(({ key }) => key === userId);
  const replies = (one: EventStream) => one.got.filter(({ event }) => event === 'reply');
  const replyTo = async (one: EventStream, id: string) =>
    (await one.until(({ event, data }) => event === 'reply' && data['id'] === id)).data;

  it('are taken at once, and what their owner answers comes as a reply to the streams of that session alone', async () => {
    const ann = await session();
    const [one, two, elsewhere] = [
      await stream(ann),
      await stream(ann),
      await stream(await session(ann.userId)),
    ];
    let answered: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (answered = resolve));
    owners.answer = async () => (await held, { ok: true, answer: { items: [{ name: 'Bob' }] } });
    expect(await ask(ann, { id: 'q1', type: 'findUsers', query: 'b' })).toEqual({
      status: 202,
      body: { id: 'q1' },
    });
    expect(replies(one)).toEqual([]);
    answered();
    const reply = { id: 'q1', type: 'findUsers', ok: true, answer: { items: [{ name: 'Bob' }] } };
    expect([await replyTo(one, 'q1'), await replyTo(two, 'q1')]).toEqual([reply, reply]);
    expect(replies(elsewhere)).toEqual([]);
  });

  it.each([
    ['myRooms', {}, topics.chatRequests, { limit: 50 }],
    ['myFriends', { state: 'friends' }, topics.usersRequests, { limit: 50, state: 'friends' }],
    ['findUsers', { query: 'b', limit: 3 }, topics.usersRequests, { query: 'b', limit: 3 }],
    ['addFriends', { userIds: [randomUUID()] }, topics.usersRequests, undefined],
    ['setStatus', { statusMessage: 'out' }, topics.usersRequests, undefined],
    ['openRoom', { name: 'R', visibility: 'private' }, topics.chatRequests, { memberIds: [] }],
    ['logOut', {}, topics.authRequests, undefined],
  ])('of the type %s go to their owner by the name of who asks', async (type, body, topic, more) => {
    const ann = await session();
    const { userId, sessionId } = ann;
    await ask(ann, { id: 'x', type, ...body });
    await until(
      () => 'asked',
      () => of(ann).length > 0,
    );
    const value = { asker: { userId, sessionId }, command: { id: 'x', type, ...body, ...more } };
    expect(of(ann)).toEqual([{ topic, key: userId, type, value }]);
  });

  it('that send a message go to the room, with their id as the message’s', async () => {
    const ann = await session();
    const one = await stream(ann);
    const roomId = randomUUID();
    const createdAt = new Date().toISOString();
    writer.answer = () => ({ ok: true, seq: 7, message: { seq: 7, messageNo: 3, createdAt } });
    await ask(ann, { id: 'm1', type: 'sendMessage', roomId, text: 'hello' });
    expect(await replyTo(one, 'm1')).toMatchObject({ ok: true, answer: { id: 'm1', seq: 7, createdAt } });
    expect(writer.commands.at(-1)).toMatchObject({ roomId, userId: ann.userId, id: 'm1', text: 'hello' });
    writer.answer = () => ({ ok: false, error: new CodedError('room_not_found').toBody() });
    await ask(ann, { id: 'm2', type: 'sendMessage', roomId, text: 'hello' });
    expect(await replyTo(one, 'm2')).toMatchObject({ ok: false, error: { code: 'room_not_found' } });
  });

  it('are refused with the code that their owner gives, or told as unknown when none comes', async () => {
    const ann = await session();
    const one = await stream(ann);
    owners.answer = () => ({ ok: false, error: new CodedError('user_not_found').toBody() });
    await ask(ann, { id: 'a', type: 'setStatus', statusMessage: 'x' });
    expect(await replyTo(one, 'a')).toMatchObject({
      ok: false,
      error: { code: 'user_not_found', retryable: false },
    });
    owners.answer = () => undefined;
    await ask(ann, { id: 'b', type: 'myFriends' });
    expect(await replyTo(one, 'b')).toMatchObject({
      ok: false,
      error: { code: 'outcome_unknown', retryable: true },
    });
  });

  it('are refused at once beyond what may wait, and taken again after an outcome', async () => {
    const ann = await session();
    owners.answer = () => undefined;
    const codes = async () => (await ask(ann, { id: 'n', type: 'myRooms' })).status;
    expect([await codes(), await codes(), await codes(), await codes()]).toEqual([202, 202, 202, 503]);
    expect((await ask(ann, { id: 'n', type: 'myRooms' })).body).toMatchObject({ code: 'too_busy' });
    expect((await ask(await session(), { id: 'n', type: 'myRooms' })).status).toBe(202);
    while ((await codes()) !== 202) await new Promise((resolve) => setTimeout(resolve, 100));
  });

  it.each([
    ['no id', { type: 'myRooms' }],
    ['no type', { id: 'x' }],
    ['a type that there is not', { id: 'x', type: 'fly' }],
    ['a field too many', { id: 'x', type: 'logOut', userId: randomUUID() }],
    ['a wrong field', { id: 'x', type: 'addFriends', userIds: ['me'] }],
    ['a password', { id: 'x', type: 'logIn', email: 'a@b.c', password: 'correct horse' }],
  ])('with %s are refused, and put on no log', async (_, body) => {
    const ann = await session();
    const answer = await ask(ann, body);
    expect([answer.status, answer.body['code']]).toEqual([400, 'bad_request']);
    await ask(ann, { id: 'after', type: 'myRooms' });
    await until(
      () => 'the one after it',
      () => of(ann).length > 0,
    );
    expect(of(ann).map(({ value }) => value.command.id)).toEqual(['after']);
  });

  it('need a token', async () => {
    const answer = await ask({ token: 'none' }, { id: 'x', type: 'myRooms' });
    expect([answer.status, answer.body['code']]).toEqual([401, 'unauthenticated']);
  });

  it('that one gateway takes are answered on the stream at another', async () => {
    const ann = await session();
    const one = await stream(ann, other);
    await ask(ann, { id: 'far', type: 'myRooms' });
    expect(await replyTo(one, 'far')).toMatchObject({ ok: true, answer: { items: [] } });
  });

  it('that log out are answered before the stream ends, even when the end is heard of first', async () => {
    const ann = await session();
    const [one, open] = [await stream(ann), await stream(await session(ann.userId))];
    const tell = (type: string, at = new Date().toISOString()) =>
      rig.app.get(ProducerService).send({
        topic: topics.authEvents,
        key: ann.userId,
        value: JSON.stringify({ userId: ann.userId, sessionId: ann.sessionId, at }),
        headers: cloudEventHeaders({ type, source: '/test', id: randomUUID() }),
      });
    await tell('session.started');
    expect((await open.until(({ event }) => event === 'sessionStarted')).data).toMatchObject({
      sessionId: ann.sessionId,
    });
    owners.answer = async () => {
      await tell('session.ended');
      await one.ended;
      return { ok: true, answer: { id: ann.sessionId } };
    };
    await ask(ann, { id: 'out', type: 'logOut' });
    await one.ended;
    expect(one.got.slice(-2)).toEqual([
      { event: 'reply', data: { id: 'out', type: 'logOut', ok: true, answer: { id: ann.sessionId } } },
      { event: 'closing', data: { code: 'session_ended', reconnect: false } },
    ]);
    await open.until(({ event, data }) => event === 'sessionEnded' && data['sessionId'] === ann.sessionId);
  });
});
