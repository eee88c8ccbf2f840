import { randomUUID } from 'node:crypto';
import { range } from '../testing/client';
import { GatewayRig } from '../testing/gateway-rig';
import type { TestRoom } from '../testing/room';

describe('a room that the store knows further than the log', () => {
  let rig: GatewayRig;
  beforeAll(async () => (rig = await GatewayRig.start()));
  afterAll(() => rig.stop());

  const message = { type: 'message' as const, senderId: randomUUID(), text: 'x' };
  const joins = (userId: string) => ({ type: 'memberJoined' as const, userId });
  const leaves = (userId: string) => ({ type: 'memberLeft' as const, userId });

  /** Events that the store has and the log has not, in a room that `bob` enters at the store's head. */
  async function ahead(room: TestRoom, bob: string, ...bodies: Parameters<TestRoom['add']>) {
    const late = bodies.map((body) => room.store(body));
    const opener = await rig.connect(bob);
    expect(await opener.ready()).toEqual({ [room.id]: { seq: room.head, reset: false } });
    return { late, opener };
  }

  it('is heard whole by somebody else whose join the log tells later', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    const room = rig.room(bob);
    const joiner = await rig.connect(ann);
    await joiner.ready();
    await room.say(2);
    const { late, opener } = await ahead(room, bob, message, joins(ann), message, message);
    await room.publish(...late);
    await room.say(1);
    await joiner.until(() => joiner.seqs(room.id).at(-1) === 7);
    await opener.until(() => opener.seqs(room.id).at(-1) === 7);
    expect(joiner.seqs(room.id)).toEqual([4, 5, 6, 7]);
    expect(opener.seqs(room.id)).toEqual([7]);
    expect(await rig.metric('gateway_late_joins_total')).toBe(1);
  });

  it('is heard from join to leave, and again from the next join, by who came and went meanwhile', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    const room = rig.room(bob);
    const mover = await rig.connect(ann);
    await mover.ready();
    const turn = [joins(ann), message, leaves(ann), message];
    const { late, opener } = await ahead(room, bob, ...turn, ...turn);
    await room.publish(...late);
    await room.add(message, joins(ann), message);
    await mover.until(() => mover.seqs(room.id).at(-1) === 11);
    await opener.until(() => opener.seqs(room.id).at(-1) === 11);
    expect(mover.seqs(room.id)).toEqual([1, 2, 3, 5, 6, 7, 10, 11]);
    expect(opener.seqs(room.id)).toEqual([9, 10, 11]);
  });

  it('is not heard twice by who has read it from the store up to his leaving', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    const room = rig.room(ann, bob);
    const early = [message, leaves(ann), joins(ann), message].map((body) => room.store(body));
    let go: () => void = () => undefined;
    rig.services.holdEvents = new Promise<void>((resolve) => (go = resolve));
    const client = await rig.connect(ann, { resume: { [room.id]: 1 } });
    await client.until(() => rig.services.asked('/events', room.id) > 0);
    const late = [message, leaves(ann), message].map((body) => room.store(body));
    go();
    expect(await client.ready()).toEqual({ [room.id]: { removed: true, seq: 6 } });
    const opener = await rig.connect(bob);
    await opener.ready();
    await room.publish(...early, ...late);
    await room.add(message, joins(ann));
    await client.until(() => client.seqs(room.id).at(-1) === 9);
    expect(client.seqs(room.id)).toEqual([2, 3, 4, 5, 6, 9]);
  });

  it('keeps no words of a message that was deleted while they were on their way from the store', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    const room = rig.room(ann, bob);
    room.storeMessages(3);
    let go: () => void = () => undefined;
    rig.services.holdEvents = new Promise<void>((resolve) => (go = resolve));
    const client = await rig.connect(ann, { resume: { [room.id]: 0 } });
    await client.until(() => rig.services.asked('/events', room.id) === 1);
    const observer = await rig.connect(bob);
    await observer.ready();
    await room.add({ type: 'messageDeleted', messageSeq: 2 });
    await observer.until(() => observer.seqs(room.id).at(-1) === 4);
    go();
    await client.until(() => client.seqs(room.id).at(-1) === 4);
    const asked = rig.services.asked('/events', room.id);
    const later = await rig.connect(bob, { resume: { [room.id]: 0 } });
    await later.until(() => later.seqs(room.id).at(-1) === 4);
    expect(rig.services.asked('/events', room.id)).toBeGreaterThan(asked);
    expect(later.seqs(room.id)).toEqual([1, 2, 3, 4]);
  });

  it('is not heard by who was told at `ready` that he is out of it', async () => {
    const ann = randomUUID();
    const room = rig.room();
    const late = [joins(ann), message, leaves(ann)].map((body) => room.store(body));
    const client = await rig.connect(ann, { resume: { [room.id]: 0 } });
    expect(await client.ready()).toEqual({ [room.id]: { removed: true, seq: 3 } });
    await room.publish(...late);
    await room.add(message, joins(ann));
    await client.until(() => client.seqs(room.id).at(-1) === 5);
    expect(client.seqs(room.id)).toEqual([5]);
  });

  it('comes after `ready` when the client has not named it, in order and from where `ready` says', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    const [named, other, reset] = [rig.room(ann), rig.room(ann, bob), rig.room(ann, bob)];
    named.storeMessages(3);
    for (const room of [other, reset]) await room.say(2);
    let go: () => void = () => undefined;
    rig.services.holdEvents = new Promise<void>((resolve) => (go = resolve));
    const client = await rig.connect(ann, { resume: { [named.id]: 0, [reset.id]: 5 } });
    await client.until(() => rig.services.asked('/events', named.id) > 0);
    const witness = await rig.connect(bob);
    await witness.ready();
    for (const room of [other, reset]) await room.say(2);
    await witness.until(() => [other, reset].every((room) => witness.seqs(room.id).length === 2));
    go();
    expect(await client.ready()).toEqual({
      [named.id]: { seq: 3, reset: false },
      [other.id]: { seq: 2, reset: false },
      [reset.id]: { seq: 2, reset: true },
    });
    await client.until(() => [other, reset].every((room) => client.seqs(room.id).length === 2));
    for (const room of [other, reset]) expect(client.seqs(room.id)).toEqual([3, 4]);
    const names = client.heard.map(({ name }) => name);
    expect(names.indexOf('ready')).toBe(3);
    expect(client.seqs(named.id)).toEqual(range(1, 3));
  });
});
