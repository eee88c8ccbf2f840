import type { Posted, RoomEvent } from '@maru/contracts';
import type { Scene } from '../conversation/scene';
import { until } from '../support/until';

/** Promises about what is done to messages and members, over REST and as it is heard on sockets. */
export function messageActions(scene: () => Scene): void {
  const rest = () => scene().maru.rest();
  const refused = (status: number, code: string) => ({ status, body: { code } });

  it('lets a message be edited, answered, reacted to and deleted, each heard at its seq, and read as it is now', async () => {
    const [ann, bob, cyd] = [await scene().user('Ann'), await scene().user('Bob'), await scene().user('Cyd')];
    const room = await scene().room('private', ann, bob);
    const listener = await scene().client(bob);
    const body = { id: 'm', text: 'a secret', metadata: { a: 1 } };
    const { seq } = await rest().post(ann.token, room, body);
    expect(await rest().edit(ann.token, room, seq, { text: 'told', mentions: [bob.id, cyd.id] })).toEqual({
      roomId: room,
      seq: 5,
    });
    expect(await rest().reaction('POST', bob.token, room, seq, '👍🏽')).toEqual({ roomId: room, seq: 6 });
    expect(await rest().reaction('POST', bob.token, room, seq, '👍🏽')).toEqual({ roomId: room, seq: 6 });
    const answered = await rest().post(bob.token, room, {
      ...{ text: 'yes', replyTo: seq, mentions: [ann.id, cyd.id] },
    });
    const [now, reply] = (await rest().messages(bob.token, room)).items;
    expect(now).toMatchObject({
      ...{
        seq,
        text: 'told',
        mentions: [bob.id],
        metadata: { a: 1 },
        editedAt: expect.any(String) as string,
      },
      reactions: { '👍🏽': { count: 1, mine: true } },
    });
    expect(reply).toMatchObject({ replyTo: seq, mentions: [ann.id] });
    expect(answered).toEqual(reply);
    expect((await rest().messages(ann.token, room)).items[0]?.reactions).toEqual({
      '👍🏽': { count: 1, mine: false },
    });
    await rest().reaction('DELETE', bob.token, room, seq, '👍🏽');
    await rest().unsay(ann.token, room, seq);
    await listener.caughtUp(room, 9);
    expect(listener.record.heard(room).map(({ type }) => type)).toEqual([
      ...['message', 'messageEdited', 'reactionAdded', 'message', 'reactionRemoved', 'messageDeleted'],
    ]);
    const again = await rest().ask<Posted>('POST', `/rooms/${room}/messages`, ann.token, body);
    expect(again).toMatchObject({ status: 200, body: { seq, duplicate: true } });
    const shown = [await rest().messages(bob.token, room), await rest().events(bob.token, room)];
    expect(JSON.stringify(shown)).not.toMatch(/a secret|told/);
    expect((await rest().messages(bob.token, room)).items[0]).toMatchObject({ seq, deleted: true, text: '' });
  });

  it('gives who resumes over a deletion every event, and no word of what was deleted', async () => {
    const [ann, bob] = [await scene().user('Ann'), await scene().user('Bob')];
    const room = await scene().room('private', ann, bob);
    const phone = await scene().client(bob);
    const laptop = await scene().client(bob);
    phone.drop();
    const { seq } = await rest().post(ann.token, room, { text: 'a secret' });
    await rest().unsay(ann.token, room, seq);
    await laptop.caughtUp(room, seq + 1);
    await phone.connect();
    await phone.caughtUp(room, seq + 1);
    expect(phone.record.heard(room)).toMatchObject([
      { type: 'message', seq, text: '', deleted: true },
      { type: 'messageDeleted', messageSeq: seq },
    ]);
  });

  it.each([
    ['no text', { text: ' ' }],
    ['a user who is named twice', { text: 'a', mentions: [twice, twice] }],
    ['another kind', { text: 'a', kind: 'note' }],
  ])('refuses an edit with %s', async (_, body) => {
    const ann = await scene().user('Ann');
    const room = await scene().room('private', ann);
    const { seq } = await rest().post(ann.token, room, { text: 'a' });
    const answer = await rest().ask('PATCH', `/rooms/${room}/messages/${seq}`, ann.token, body);
    expect(answer).toMatchObject(refused(400, 'bad_request'));
  });

  it('refuses with codes: what is no message, what is not his, reactions that are none', async () => {
    const [ann, bob] = [await scene().user('Ann'), await scene().user('Bob')];
    const room = await scene().room('public', ann, bob);
    const { seq } = await rest().post(ann.token, room, { text: 'a' });
    const ask = (method: string, path: string, body?: unknown) =>
      rest().ask(method, `/rooms/${room}/messages/${path}`, bob.token, body);
    expect(await ask('PATCH', `${seq}`, { text: 'b' })).toMatchObject(refused(403, 'not_the_sender'));
    expect(await ask('DELETE', `${seq}`)).toMatchObject(refused(403, 'not_a_moderator'));
    for (const path of ['1', '2', '99'])
      expect(await ask('DELETE', path)).toMatchObject(refused(404, 'message_not_found'));
    for (const path of ['0', 'x', String(2 ** 31)])
      expect(await ask('DELETE', path)).toMatchObject(refused(400, 'bad_request'));
    for (const reaction of ['a%20b', 'x'.repeat(33), '%00'])
      expect(await ask('POST', `${seq}/reactions/${reaction}`)).toMatchObject(refused(400, 'bad_request'));
    const answered = { text: 'b', replyTo: 99 };
    expect(await rest().ask('POST', `/rooms/${room}/messages`, bob.token, answered)).toMatchObject(
      refused(404, 'message_not_found'),
    );
  });

  it('lets moderators delete, mute, slow down and remove, and tells who is concerned when he may speak', async () => {
    const [ann, bob, cyd] = [await scene().user('Ann'), await scene().user('Bob'), await scene().user('Cyd')];
    const room = await scene().room('public', ann, bob, cyd);
    const { seq } = await rest().post(cyd.token, room, { text: 'loud' });
    await rest().updateMember(ann.token, room, bob.id, { role: 'moderator' });
    await rest().unsay(bob.token, room, seq);
    await rest().updateMember(bob.token, room, cyd.id, { mutedUntil: '2100-01-01T00:00:00Z' });
    const say = (text: string) => rest().ask<Posted>('POST', `/rooms/${room}/messages`, cyd.token, { text });
    expect(await say('x')).toMatchObject(refused(403, 'muted'));
    await rest().updateMember(bob.token, room, cyd.id, { mutedUntil: null });
    await rest().get('PATCH', `/rooms/${room}`, bob.token, { slowModeSeconds: 6 });
    expect(await say('1')).toMatchObject({ status: 201 });
    const soon = await say('2');
    expect(soon).toMatchObject({ status: 429, body: { code: 'slow_mode', retryable: true } });
    expect((soon.body as unknown as { retryAfterMs: number }).retryAfterMs).toBeLessThanOrEqual(6000);
    await until('he may speak again', async () => (await say('3')).status === 201);
    expect(await rest().remove(bob.token, room, cyd.id)).toMatchObject({ roomId: room });
    const types = (await rest().events(ann.token, room)).slice(5).map(({ type }: RoomEvent) => type);
    expect(types).toEqual([
      ...['roleChanged', 'messageDeleted', 'memberMuted', 'memberMuted', 'roomUpdated', 'message', 'message'],
      'memberLeft',
    ]);
  });
}

const twice = '00000000-0000-4000-8000-000000000001';
