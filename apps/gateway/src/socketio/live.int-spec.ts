import { randomUUID } from 'node:crypto';
import { range } from '../testing/client';
import { GatewayRig } from '../testing/gateway-rig';

describe('live delivery over Socket.IO', () => {
  let rig: GatewayRig;
  beforeAll(async () => (rig = await GatewayRig.start()));
  afterAll(() => rig.stop());

  it('gives every member every event of the room in the order of its seq', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    const room = rig.room(ann, bob);
    await room.say(3);
    const clients = await Promise.all([rig.connect(ann), rig.connect(ann), rig.connect(bob)]);
    for (const client of clients) {
      expect(await client.ready()).toEqual({ [room.id]: { seq: 3, reset: false } });
    }
    for (let round = 0; round < 20; round++) await room.say(25);
    for (const client of clients) {
      await client.until(() => client.seqs(room.id).length >= 500);
      expect(client.seqs(room.id)).toEqual(range(4, 503));
    }
  });
});
