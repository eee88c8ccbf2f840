import { randomUUID } from 'node:crypto';
import type { Command, CommandReply } from '@maru/contracts';
import { directRoomIdOf } from '../door/room-ids';
import { WriterRig } from '../testing/writer-rig';
import { BlocksRepository } from './blocks.repository';

describe('a block, as the writer sees it', () => {
  let rig: WriterRig;
  let blocks: BlocksRepository;
  beforeAll(async () => {
    rig = await WriterRig.start(2);
    await rig.writer();
    blocks = new BlocksRepository(rig.store);
  });
  afterAll(async () => {
    await rig.stopWriters();
    await rig.stop();
  });

  const content = { text: 'hi', kind: 'text', metadata: {} };
  const direct = (userId: string, toId: string, id: string): Command => {
    const roomId = directRoomIdOf(userId, toId);
    return { type: 'sendDirect', roomId, userId, id, toId, ...content };
  };
  const message = (userId: string, peerId: string, id: string): Command => {
    const roomId = directRoomIdOf(userId, peerId);
    return { type: 'sendMessage', roomId, userId, id, ...content };
  };
  const put = (userId: string, blockedId: string, version: number, active: boolean) =>
    blocks.put({ userId, blockedId, version, at: new Date().toISOString() }, active);
  const outcome = (reply: CommandReply): string => (reply.ok ? 'ok' : reply.error.code);

  it('works at once on a room that is remembered, for as long as it lasts', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    const first = await rig.ask(direct(bob, ann, 'm1'));
    expect(first).toMatchObject({ ok: true, seq: 4 });
    await put(ann, bob, 1, true);
    const refused = await rig.ask(direct(bob, ann, 'm2'));
    expect(refused).toMatchObject({ ok: false, error: { code: 'user_not_found' } });
    expect(outcome(await rig.ask(message(bob, ann, 'm3')))).toBe('user_not_found');
    expect(await rig.ask(direct(bob, ann, 'm1'))).toEqual({ ...first, duplicate: true });
    expect(await rig.ask(message(ann, bob, 'm1'))).toMatchObject({ ok: true, seq: 5 });
    await put(ann, bob, 2, false);
    expect(await rig.ask(message(bob, ann, 'm3'))).toMatchObject({ ok: true, seq: 6 });
    const seqs = (await rig.eventsOnLog()).filter(({ roomId }) => roomId === directRoomIdOf(ann, bob));
    expect(seqs.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('is found also by a writer that remembers nothing', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    await rig.ask(direct(ann, bob, 'm1'));
    await put(ann, bob, 1, true);
    await rig.stopWriters();
    await rig.writer();
    expect(outcome(await rig.ask(message(bob, ann, 'm2')))).toBe('user_not_found');
    expect(outcome(await rig.ask(message(ann, bob, 'm3')))).toBe('ok');
  });

  it('is not changed by events that come late, and is forgotten with its user', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    let id = 0;
    const tried = async () => outcome(await rig.ask(direct(bob, ann, `m${id++}`)));
    await put(ann, bob, 5, true);
    await put(ann, bob, 4, false);
    expect(await tried()).toBe('user_not_found');
    await put(ann, bob, 6, false);
    await put(ann, bob, 5, true);
    expect(await tried()).toBe('ok');
    await put(ann, bob, 7, true);
    expect(await tried()).toBe('user_not_found');
    await blocks.forget(ann);
    expect(await tried()).toBe('ok');
  });

  it('refuses a room with who has blocked its maker, and an invitation', async () => {
    const [ann, bob, cyd] = [randomUUID(), randomUUID(), randomUUID()];
    await put(ann, bob, 1, true);
    const make = (memberIds: string[]): Command => {
      const asked = { roomId: randomUUID(), userId: bob, id: randomUUID() };
      return { type: 'createRoom', ...asked, name: 'r', visibility: 'private', memberIds };
    };
    expect(await rig.ask(make([cyd, ann]))).toMatchObject({
      ok: false,
      error: { code: 'user_not_found', message: `There is no user ${ann}.` },
    });
    const made = make([cyd]);
    expect(await rig.ask(made)).toMatchObject({ ok: true, seq: 3 });
    const invitation = { roomId: made.roomId, userId: bob, id: 'a', memberId: ann };
    expect(outcome(await rig.ask({ type: 'addMember', ...invitation }))).toBe('user_not_found');
  });
});
