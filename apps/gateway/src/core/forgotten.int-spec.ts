import { randomUUID } from 'node:crypto';
import { range, type TestClient } from '../testing/client';
import { GatewayRig } from '../testing/gateway-rig';
import { RoomsService } from './rooms.service';

describe('a room whose history is forgotten beyond where it stands here', () => {
  let rig: GatewayRig;
  beforeAll(async () => (rig = await GatewayRig.start()));
  afterAll(() => rig.stop());

  const heldRoom = (roomId: string) => rig.app.get(RoomsService, { strict: false }).held.get(roomId);
  const sentAway = async (client: TestClient): Promise<void> => {
    await client.until(() => client.heard.at(-1)?.name === 'closing', 5000);
    expect(client.heard.at(-1)?.body).toEqual({ code: 'unavailable', reconnect: true });
  };

  it('goes on at what is kept: who had not come so far comes back to a reset, and who had hears on', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    const room = rig.room(ann, bob);
    const behind = await rig.connect(ann);
    await behind.ready();
    await room.say(3);
    await behind.until(() => behind.seqs(room.id).length === 3);
    room.storeMessages(5);
    const ahead = await rig.connect(bob);
    expect(await ahead.ready()).toEqual({ [room.id]: { seq: 8, reset: false } });
    room.forgetBelow(7);
    await room.say(1);
    await ahead.until(() => ahead.seqs(room.id).length === 1, 5000);
    await sentAway(behind);
    expect(behind.seqs(room.id)).toEqual(range(1, 3));
    expect(heldRoom(room.id)?.gap).toBeUndefined();
    const back = await rig.connect(ann, { resume: { [room.id]: 3 } });
    expect(await back.ready()).toEqual({ [room.id]: { seq: 9, reset: true } });
    await room.say(1);
    for (const client of [ahead, back]) await client.until(() => client.seqs(room.id).at(-1) === 10);
    expect([ahead.seqs(room.id), back.seqs(room.id)]).toEqual([[9, 10], [10]]);
  });

  it('is told from where it is kept to who has joined it by what is forgotten', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    const room = rig.room(ann);
    const [member, joiner] = [await rig.connect(ann), await rig.connect(bob)];
    await Promise.all([member.ready(), joiner.ready()]);
    room.storeMessages(2);
    room.store({ type: 'memberJoined', userId: bob });
    room.storeMessages(3);
    room.forgetBelow(5);
    await room.say(1);
    await Promise.all([sentAway(member), sentAway(joiner)]);
    const back = await rig.connect(bob);
    expect(await back.ready()).toEqual({ [room.id]: { seq: 7, reset: false } });
  });

  it('resets who resumes from below it, also when that is forgotten while he is on his way in', async () => {
    const ann = randomUUID();
    const room = rig.room(ann);
    room.storeMessages(20);
    let go: () => void = () => undefined;
    rig.services.holdEvents = new Promise<void>((resolve) => (go = resolve));
    const late = await rig.connect(ann, { resume: { [room.id]: 2 } });
    await late.until(() => rig.services.asked('/events', room.id) > 0);
    room.forgetBelow(10);
    go();
    await sentAway(late);
    expect(late.seqs(room.id)).toEqual([]);
    const back = await rig.connect(ann, { resume: { [room.id]: 2 } });
    expect(await back.ready()).toEqual({ [room.id]: { seq: 20, reset: true } });
  });
});
