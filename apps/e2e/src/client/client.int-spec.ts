import {
  connect,
  type ConnectOptions,
  type Maru as Client,
  MaruError,
  MemoryStore,
  Session,
} from '@maru/client';
import { accessTokenSeconds } from '@maru/contracts';
import { freePort, makeTempFolder, removeFolder } from '@maru/stack';
import { clockSettings, setClock } from '../check/faults/clocks';
import { Line } from '../check/faults/line';
import { type Maru, startMaru } from '../support/maru';
import { until } from '../support/until';
import { eachOf, newUsers, type TestUser } from '../support/user';

/** Quicker than people need it. */
const timing = { firstPauseMs: 20, maxPauseMs: 300 };
const watchful = { ...timing, pingMs: 400, pongMs: 4000 };

describe('the client library', () => {
  const clients: Client[] = [];
  let clocks: string;
  let maru: Maru;
  let url: string;
  let ann: TestUser;
  let bob: TestUser;
  let eve: TestUser;

  beforeAll(async () => {
    clocks = makeTempFolder('maru-clocks-');
    maru = await startMaru({ envOf: { gateway: clockSettings(clocks) } });
    url = maru.urls[0] ?? '';
    [ann, bob, eve] = (await newUsers(maru.rest(), ['Ann', 'Bob', 'Eve'])) as [TestUser, TestUser, TestUser];
  }, 120_000);
  afterAll(async () => {
    for (const client of clients) client.close();
    await maru.stop();
    removeFolder(clocks);
  });

  function client(user: TestUser, options: Partial<ConnectOptions> = {}): Client {
    const one = connect({ url, token: user.token, timing, ...options });
    clients.push(one);
    return one;
  }
  async function online(user: TestUser, options: Partial<ConnectOptions> = {}): Promise<Client> {
    const one = client(user, options);
    await one.online();
    return one;
  }
  async function newRoom(...others: TestUser[]): Promise<string> {
    const memberIds = others.map(({ id }) => id);
    return (await maru.rest().createRoom(ann.token, { name: 'Tea', visibility: 'private', memberIds })).id;
  }
  /** A line to the gateway that can be cut, and its address. */
  async function cuttable(): Promise<{ line: Line; at: string }> {
    const port = await freePort();
    const line = await Line.open(port, Number(new URL(url).port));
    return { line, at: `http://127.0.0.1:${port}` };
  }
  const texts = (one: Client, roomId: string) =>
    one.room(roomId).messages.map(({ text, state }) => `${text} ${state}`);

  it('shows a message at once and settles it, and the other sees it', async () => {
    const roomId = await newRoom(bob);
    const [one, other] = [await online(ann), await online(bob)];
    await Promise.all([one.room(roomId).open(), other.room(roomId).open()]);
    const { id, sent } = one.room(roomId).send('hello');
    expect(one.room(roomId).messages).toMatchObject([
      { id, text: 'hello', senderId: ann.id, state: 'sending' },
    ]);
    const { seq } = await sent;
    await until('the other has it', () => other.room(roomId).messages.length === 1);
    await until('its event has come', () => one.room(roomId).messages[0]?.messageNo === 1);
    for (const each of [one, other]) {
      expect(each.room(roomId).messages).toMatchObject([
        { id, seq, text: 'hello', senderId: ann.id, state: 'sent' },
      ]);
    }
  });

  it('queues while there is no connection, over a reload, and then sends in order, each once', async () => {
    const roomId = await newRoom(bob);
    const { line, at } = await cuttable();
    const store = new MemoryStore();
    const before = await online(ann, { url: at, store });
    await before.room(roomId).open();
    line.cut('broken');
    await until('it is offline', () => before.state === 'offline');
    for (const text of ['one', 'two']) before.room(roomId).send(text);
    expect(texts(before, roomId)).toEqual(['one sending', 'two sending']);
    before.close();

    const after = client(ann, { url: at, store, userId: ann.id });
    after.room(roomId).send('three');
    await until('what was left is shown', () => texts(after, roomId).length === 3);
    expect(texts(after, roomId)).toEqual(['one sending', 'two sending', 'three sending']);
    line.mend();
    await after.online();
    await after.room(roomId).open();
    await until(
      () => `all are sent: ${texts(after, roomId).join()}`,
      () => texts(after, roomId).every((text) => text.endsWith('sent')),
    );
    const { items } = await maru.rest().messages(bob.token, roomId);
    expect(items.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
    expect(store.keys('outbox/')).toEqual([]);
    await line.close();
  });

  it('lets nobody send what another has written', async () => {
    const roomId = await newRoom(bob);
    const store = new MemoryStore();
    const { line, at } = await cuttable();
    const one = await online(ann, { url: at, store });
    line.cut('broken');
    await until('it is offline', () => one.state === 'offline');
    one.room(roomId).send('mine alone');
    one.close();
    line.mend();
    const other = await online(bob, { store });
    await other.room(roomId).open();
    await other.room(roomId).send('from Bob').sent;
    expect(texts(other, roomId).filter((text) => text.startsWith('mine'))).toEqual([]);
    const back = await online(ann, { store });
    await back.room(roomId).open();
    await until('Ann sends it herself', () => texts(back, roomId).includes('mine alone sent'));
    await line.close();
  });

  it('says why a message was refused, and sends it again when the cause is gone', async () => {
    const roomId = await newRoom();
    const one = await online(bob);
    const { id, sent } = one.room(roomId).send('let me in');
    await expect(sent).rejects.toMatchObject({ name: 'MaruError', retryable: false });
    const [failed] = one.room(roomId).messages;
    expect(failed).toMatchObject({ id, state: 'failed' });
    expect(['not_a_member', 'room_not_found']).toContain(failed?.error?.code);
    await maru.rest().add(ann.token, roomId, bob.id);
    const { seq } = await one.room(roomId).retry(id);
    expect(await maru.rest().messages(ann.token, roomId)).toMatchObject({
      items: [{ id, seq, text: 'let me in' }],
    });
  });

  it('refuses what is too large before it is sent, and goes on', async () => {
    const roomId = await newRoom();
    const one = await online(ann);
    await expect(one.room(roomId).send('x'.repeat(70_000)).sent).rejects.toMatchObject({
      code: 'payload_too_large',
    });
    await one.room(roomId).send('shorter').sent;
    expect(one.state).toBe('online');
  });

  it('notices by itself that a line is dead, and comes back with nothing missing', async () => {
    const roomId = await newRoom(bob);
    const { line, at } = await cuttable();
    const one = await online(bob, { url: at, timing: watchful });
    const other = await online(ann);
    await one.room(roomId).open();
    line.cut('silent');
    for (let n = 1; n <= 5; n++) await other.room(roomId).send(`missed ${n}`).sent;
    await until('it sees that nothing comes', () => one.state === 'offline');
    line.cut('broken');
    line.mend();
    await until('everything is there', () => one.room(roomId).messages.length === 5);
    expect(one.room(roomId).messages.map(({ text }) => text)).toEqual(
      [1, 2, 3, 4, 5].map((n) => `missed ${n}`),
    );
    await line.close();
  });

  it('fills what a connection does not resume, and reads history as it is asked for', async () => {
    const roomId = await newRoom(bob);
    const { line, at } = await cuttable();
    const one = await online(bob, { url: at });
    const heard: number[] = [];
    one.on('message', ({ messageNo }) => heard.push(messageNo));
    line.cut('broken');
    const numbers = Array.from({ length: 620 }, (_, n) => n);
    await eachOf(numbers, 40, (n) => maru.rest().post(ann.token, roomId, { text: `number ${n}` }));
    line.mend();
    await until(
      () => `it hears all, and stands at ${heard.at(-1)}`,
      () => heard.at(-1) === 620,
      60_000,
    );
    expect(heard).toEqual(numbers.map((n) => n + 1));
    const read: number[] = [];
    for await (const { messageNo = 0 } of one.room(roomId).history()) if (read.push(messageNo) === 250) break;
    expect(read).toEqual(numbers.slice(0, 250).map((n) => 620 - n));
    const room = one.room(roomId);
    expect(await room.open()).toHaveLength(50);
    expect(await room.loadOlder()).toBe(50);
    const first = room.messages[0]?.seq ?? 0;
    expect(await room.loadBack(first - 300)).toBe(true);
    expect(room.messages.map(({ messageNo }) => messageNo)).toEqual(heard.slice(-room.messages.length));
    const members: string[] = [];
    for await (const { userId } of room.members()) members.push(userId);
    expect(members.sort()).toEqual([ann.id, bob.id].sort());
    await line.close();
  });

  it('keeps the list of rooms, with unread counts that agree over devices and after a connection was away', async () => {
    const roomId = await newRoom(bob);
    const { line, at } = await cuttable();
    const [phone, desk, other] = [await online(bob, { url: at }), await online(bob), await online(ann)];
    await Promise.all([phone.rooms.load(), desk.rooms.load()]);
    const seen = (one: Client) => one.rooms.get(roomId);
    for (let n = 1; n <= 3; n++) await other.room(roomId).send(`news ${n}`).sent;
    for (const one of [phone, desk]) {
      await until('three are unread', () => seen(one)?.unread === 3);
      expect(one.rooms.list[0]).toMatchObject({ id: roomId, lastMessage: { text: 'news 3' } });
    }
    const told = new Promise((resolve) => other.room(roomId).on('read', resolve));
    desk.room(roomId).read();
    expect(seen(desk)?.unread).toBe(0);
    await until('the other device knows', () => seen(phone)?.unread === 0);
    expect(await told).toMatchObject({ userId: bob.id });
    line.cut('broken');
    await until('the phone is away', () => phone.state === 'offline');
    await other.room(roomId).send('news 4').sent;
    await until('it is unread', () => seen(desk)?.unread === 1);
    desk.room(roomId).read();
    await until('the server knows', async () =>
      (await maru.rest().myRooms(bob.token)).items.some(({ id, unread }) => id === roomId && unread === 0),
    );
    await other.room(roomId).send('news 5').sent;
    line.mend();
    await until(
      'the phone agrees',
      () => seen(phone)?.unread === 1 && seen(phone)?.lastMessage?.text === 'news 5',
    );
    const made = await desk.rooms.create({ name: 'Coffee', visibility: 'public' });
    await until('a new room is in the list', () => phone.rooms.get(made.id)?.name === 'Coffee');
    await desk.room(made.id).update({ name: 'Milk' });
    await until('it has its new name', () => phone.rooms.get(made.id)?.name === 'Milk');
    const left = new Promise((resolve) => phone.room(made.id).on('left', resolve));
    await desk.room(made.id).delete();
    await left;
    await until('it is gone', () => phone.rooms.get(made.id) === undefined);
    await line.close();
  });

  it('tells who is typing, until he has said it', async () => {
    const roomId = await newRoom(bob);
    const [one, other] = [await online(ann), await online(bob)];
    one.room(roomId).type();
    await until('he is typing', () => other.room(roomId).typing.includes(ann.id));
    await one.room(roomId).send('that was it').sent;
    await until('he is not', () => other.room(roomId).typing.length === 0);
    one.room(roomId).type();
    expect(one.room(roomId).typing).toEqual([]);
  });

  it('goes quiet by itself about who types no more', async () => {
    const roomId = await newRoom(bob);
    const [one, other] = [await online(ann), await online(bob)];
    one.room(roomId).type();
    await until('she is typing', () => other.room(roomId).typing.includes(ann.id));
    await until('she is not', () => other.room(roomId).typing.length === 0);
  });

  it('shows a living connection a newer token before the old one runs out', async () => {
    const first = await maru.rest().logIn(eve.email, eve.password);
    const asked: (string | undefined)[] = [];
    const provider = async ({ stale }: { stale?: string }): Promise<string> => {
      asked.push(stale);
      return stale === undefined
        ? first.accessToken
        : (await maru.rest().logIn(eve.email, eve.password)).accessToken;
    };
    const soon = { ...timing, renewBeforeMs: 24 * 3600 * 1000, renewEveryMs: 200 };
    const one = client(eve, { token: provider, timing: soon });
    const states: string[] = [];
    one.on('state', ({ state }) => states.push(state));
    await until('it was renewed twice', () => asked.length >= 3);
    expect(asked.slice(0, 2)).toEqual([undefined, first.accessToken]);
    // A connection that went on with the first token would end with its session.
    await maru.rest().logOut(first.accessToken, first.refreshToken);
    const ended = new Promise((resolve) => one.on('session', resolve));
    expect(await ended).toMatchObject({ what: 'ended' });
    await one.rooms.load();
    expect(states).toEqual(['online']);
  });

  it('comes back with another token when one ran out, and misses nothing', async () => {
    const roomId = await newRoom(eve);
    const pid = maru.processes.get('gateway')?.pid ?? 0;
    let asked = 0;
    const token = async (): Promise<string> => {
      asked++;
      return (await maru.rest().logIn(eve.email, eve.password)).accessToken;
    };
    // To this gateway every token has 3 s left.
    await setClock(clocks, pid, (accessTokenSeconds - 3) * 1000);
    try {
      const one = client(eve, { token });
      const codes: unknown[] = [];
      one.on('state', ({ error }) => error && codes.push(error.code));
      await one.room(roomId).open();
      await until('the first one has run out', () => codes.length > 0);
      await until('it is back', () => one.state === 'online');
      expect(asked).toBeGreaterThanOrEqual(2);
      expect(new Set(codes)).toEqual(new Set(['token_expired']));
      await maru.rest().post(ann.token, roomId, { text: 'still there?' });
      await until('it hears on', () => one.room(roomId).messages.length === 1);
    } finally {
      await setClock(clocks, pid, 0);
    }
  });

  it('ends, and says why, when the session has ended or the token is none', async () => {
    const { accessToken, refreshToken } = await maru.rest().logIn(eve.email, eve.password);
    const one = client(eve, { token: accessToken });
    await one.online();
    const states: unknown[] = [];
    one.on('state', (state) => states.push(state));
    await maru.rest().logOut(accessToken, refreshToken);
    await until('it is closed', () => one.state === 'closed');
    expect(states).toMatchObject([{ state: 'closed', error: { code: 'session_ended' } }]);
    await expect(client(eve, { token: 'no token' }).online()).rejects.toBeInstanceOf(MaruError);
    await expect(one.online()).rejects.toMatchObject({ code: 'session_ended' });
  });

  it('logs in, is restored from its store, renews itself once for all who ask, and logs out', async () => {
    const store = new MemoryStore();
    const at = { url, store };
    const email = `fay-${Date.now()}@e2e.test`;
    const password = 'correct horse battery';
    await Session.signUp(at, { email, name: 'Fay', password });
    await expect(Session.logIn(at, { email, password: 'wrong horse battery' })).rejects.toMatchObject({
      code: 'invalid_credentials',
    });
    await Session.logIn(at, { email, password });
    const session = await Session.restore(at);
    expect(session?.user).toMatchObject({ name: 'Fay', email });
    const { token } = session ?? {};
    const [first] = await Promise.all([token?.({}), token?.({})]);
    // Two tokens of one session and one second are the same.
    const now = Math.floor(Date.now() / 1000);
    await until('a second has passed', () => Math.floor(Date.now() / 1000) > now);
    const [second, same] = await Promise.all([
      token?.({ stale: first ?? '' }),
      token?.({ stale: first ?? '' }),
    ]);
    expect(second).not.toBe(first);
    expect(same).toBe(second);
    const one = connect({ url, token: token ?? '', timing });
    clients.push(one);
    expect(await one.online()).toEqual({ userId: session?.user.id });
    await session?.logOut();
    await until('it is closed', () => one.state === 'closed');
    expect(await Session.restore(at)).toBeUndefined();
  });
});
