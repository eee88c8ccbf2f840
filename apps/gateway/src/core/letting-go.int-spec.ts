import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { range } from '../testing/client';
import { GatewayRig } from '../testing/gateway-rig';
import { EVENT_READER } from './core.module';
import type { LogReader } from './log-reader.service';
import { RoomsService } from './rooms.service';

describe('a room that is let go, and events that are lost, while somebody is on his way in', () => {
  let rig: GatewayRig;
  beforeAll(async () => (rig = await GatewayRig.start({ ROOM_LINGER_MS: '30' })));
  afterAll(() => rig.stop());
  afterEach(() => (rig.services.away = false));

  const message = { type: 'message' as const, senderId: randomUUID(), text: 'x' };
  const joins = (userId: string) => ({ type: 'memberJoined' as const, userId });
  const held = (roomId: string) => rig.app.get(RoomsService, { strict: false }).held.has(roomId);
  const lost = () => {
    const reader = rig.app.get<LogReader>(EVENT_READER, { strict: false });
    return range(0, 11).map((partition) => reader.missed(partition));
  };
  const holdQuestions = () => {
    let go: () => void = () => undefined;
    rig.services.hold = new Promise<void>((resolve) => (go = resolve));
    return () => go();
  };

  it('gives nothing twice to who has left, when its events are published again', async () => {
    const ann = randomUUID();
    const room = rig.room();
    const client = await rig.connect(ann);
    await client.ready();
    const events = [joins(ann), message, { type: 'memberLeft' as const, userId: ann }].map((body) =>
      room.store(body),
    );
    await room.publish(...events);
    await client.until(() => client.seqs(room.id).length === 3 && !held(room.id));
    await room.publish(...events);
    await room.add(message, joins(ann));
    await client.until(() => client.seqs(room.id).at(-1) === 5);
    expect(client.seqs(room.id)).toEqual([1, 2, 3, 5]);
  });

  it('is kept as long as events of it wait for those before them', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    const room = rig.room(bob);
    const [joiner, member] = [await rig.connect(ann), await rig.connect(bob)];
    await Promise.all([joiner.ready(), member.ready()]);
    rig.services.away = true;
    room.storeMessages(1);
    await room.add(joins(ann));
    await joiner.until(() => rig.services.asked('/events', room.id) > 0);
    member.close();
    // Long enough for the room to be let go, were it only for its emptiness.
    await delay(300);
    rig.services.away = false;
    await joiner.until(() => joiner.seqs(room.id).length === 1);
    await room.say(1);
    await joiner.until(() => joiner.seqs(room.id).length === 2);
    expect(joiner.seqs(room.id)).toEqual([2, 3]);
  });

  it('tells its deletion to who was asking for his rooms meanwhile', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    const room = rig.room(ann, bob);
    await room.say(2);
    const member = await rig.connect(bob);
    await member.ready();
    const go = holdQuestions();
    const client = await rig.connect(ann);
    await client.until(() => rig.services.asked('/standing', ann) > 0);
    const after = rig.services.rooms.get(room.id);
    await room.add({ type: 'roomDeleted' });
    await member.until(() => member.seqs(room.id).length === 1 && !held(room.id));
    // The answer is older than the deletion, although it comes later.
    const events = after?.events.slice(0, 2) ?? [];
    rig.services.rooms.set(room.id, { events, members: new Map([[ann, {}]]) });
    go();
    expect(await client.ready()).toEqual({ [room.id]: { seq: 2, reset: false } });
    rig.services.rooms.set(room.id, after as NonNullable<typeof after>);
    await client.until(() => client.seqs(room.id).length === 1);
    expect(client.heard.at(-1)).toMatchObject({ name: 'roomDeleted', body: { seq: 3 } });
  });

  it('events that the log has no more bring in who was asking for his rooms meanwhile', async () => {
    const ann = randomUUID();
    const room = rig.room();
    room.storeMessages(2);
    const goFirst = holdQuestions();
    const client = await rig.connect(ann);
    await client.until(() => rig.services.asked('/standing', ann) > 0);
    const filled = lost();
    const goNext = holdQuestions();
    const before = rig.services.asked('/standing', ann);
    goFirst();
    await client.until(() => rig.services.asked('/standing', ann) > before);
    room.store(joins(ann));
    room.storeMessages(1);
    goNext();
    await Promise.all(filled);
    expect(await client.ready()).toEqual({ [room.id]: { seq: 4, reset: false } });
    await room.say(1);
    await client.until(() => client.seqs(room.id).length === 1);
    expect(client.seqs(room.id)).toEqual([5]);
  });

  it('events that the log has no more are told from his memberJoined on, as soon as the store is back', async () => {
    const ann = randomUUID();
    const room = rig.room();
    const client = await rig.connect(ann);
    await client.ready();
    room.storeMessages(2);
    room.store(joins(ann));
    room.storeMessages(1);
    rig.services.away = true;
    const asked = rig.services.asked('/standing', ann);
    const filled = Promise.allSettled(lost());
    await client.until(() => rig.services.asked('/standing', ann) > asked + 12);
    rig.services.away = false;
    await filled;
    await room.say(1);
    await client.until(() => client.seqs(room.id).at(-1) === 5);
    expect(client.seqs(room.id)).toEqual([3, 4, 5]);
  });
});

describe('a connection that is ended by what is written to it', () => {
  let rig: GatewayRig;
  beforeAll(async () => {
    rig = await GatewayRig.start({ ROOM_LINGER_MS: '30', GATHER_MS: '20000', MAX_BUFFERED_BYTES: '1024' });
  });
  afterAll(() => rig.stop());

  it('is not in the room again by the join that made it be written, and the room is let go', async () => {
    const ann = randomUUID();
    const room = rig.room(ann);
    const client = await rig.connect(ann);
    await client.ready();
    // More than the sockets between them hold, in one round with her leave and her join.
    const text = 'x'.repeat(8000);
    const all = [...room.storeMessages(2000, text), room.store({ type: 'memberLeft', userId: ann })];
    await room.publish(...all, room.store({ type: 'memberJoined', userId: ann }));
    const { held } = rig.app.get(RoomsService, { strict: false });
    await client.until(() => client.heard.at(-1)?.name === 'closing' || !client.socket.connected);
    await client.until(() => !held.has(room.id));
  });
});
