import { randomUUID } from 'node:crypto';
import type { Message, MyRoom, Posted } from '@maru/contracts';
import type { Scene } from '../conversation/scene';

/** Promises about messages and history, as any program sees them over HTTP. */
export function messages(scene: () => Scene): void {
  const rest = () => scene().maru.rest();

  it('answers 201 once and 200 with duplicate for the same id, and 409 for other content', async () => {
    const ann = await scene().user('Ann');
    const room = await scene().room('private', ann);
    const body = {
      id: 'a.b:c_d-1',
      text: ' kept to the letter \n',
      kind: 'note',
      metadata: { n: 1, deep: { a: [null] } },
    };
    const first = await rest().ask<Posted>('POST', `/rooms/${room}/messages`, ann.token, body);
    expect(first.status).toBe(201);
    expect(first.body).toEqual({
      type: 'message',
      roomId: room,
      seq: 3,
      messageNo: 1,
      senderId: ann.id,
      ...body,
      createdAt: expect.any(String) as string,
    });
    const again = await rest().ask<Posted>('POST', `/rooms/${room}/messages`, ann.token, body);
    expect(again).toEqual({ status: 200, body: { ...first.body, duplicate: true } });
    const changed = await rest().ask('POST', `/rooms/${room}/messages`, ann.token, {
      ...body,
      text: 'other',
    });
    expect(changed).toMatchObject({ status: 409, body: { code: 'id_conflict' } });
    expect((await rest().messages(ann.token, room)).items).toEqual([first.body]);
  });

  it.each([
    ['no text', {}],
    ['only white space', { text: ' \n\t\u2003' }],
    ['8,001 code points', { text: '😀'.repeat(8001) }],
    ['U+0000', { text: 'a\0b' }],
    ['a lone surrogate', '{"text":"\\ud800"}'],
    ['a kind in capitals', { text: 'a', kind: 'Text' }],
    ['metadata of more than 4 KB', { text: 'a', metadata: { a: 'x'.repeat(4096) } }],
    ['a strange id', { text: 'a', id: 'a b' }],
    ['an unknown field', { text: 'a', senderId: randomUUID() }],
  ])('refuses %s with a code', async (_, body) => {
    const ann = await scene().user('Ann');
    const room = await scene().room('private', ann);
    const answer = await rest().ask('POST', `/rooms/${room}/messages`, ann.token, body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'bad_request', retryable: false } });
    expect((await rest().messages(ann.token, room)).items).toEqual([]);
  });

  it('takes 8,000 code points of any script', async () => {
    const ann = await scene().user('Ann');
    const room = await scene().room('private', ann);
    const text = '😀'.repeat(8000);
    expect(await rest().post(ann.token, room, { text })).toMatchObject({ text });
  });

  it('refuses what is no JSON, too large, or for no such route', async () => {
    const ann = await scene().user('Ann');
    const room = await scene().room('private', ann);
    const path = `/rooms/${room}/messages`;
    expect(await rest().ask('POST', path, ann.token, '{"text":')).toMatchObject({
      status: 400,
      body: { code: 'invalid_json' },
    });
    expect(
      await rest().ask('POST', path, ann.token, { text: 'a', metadata: { a: 'x'.repeat(70_000) } }),
    ).toMatchObject({
      status: 413,
      body: { code: 'payload_too_large' },
    });
    expect(await rest().ask('GET', '/nothing', ann.token)).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    });
    expect(await rest().ask('POST', '/internal/standing', ann.token, {})).toMatchObject({ status: 404 });
    expect(await rest().ask('GET', '/rooms/no-uuid', ann.token)).toMatchObject({
      status: 400,
      body: { code: 'bad_request' },
    });
    expect(await rest().ask('GET', '/rooms?limit=101', ann.token)).toMatchObject({ status: 400 });
    expect(await rest().ask('GET', path)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  });

  it('gives history ascending by seq, before and after any seq, dense as events', async () => {
    const ann = await scene().user('Ann');
    const room = await scene().room('private', ann);
    await Promise.all(
      Array.from({ length: 25 }, (_, number) => rest().post(ann.token, room, { text: `m${number}` })),
    );
    const seqs = async (query: string) =>
      (await rest().messages(ann.token, room, query)).items.map(({ seq }) => seq);
    const range = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, index) => from + index);
    expect(await seqs('?limit=5')).toEqual(range(23, 27));
    expect(await seqs('?before=10&limit=4')).toEqual(range(6, 9));
    expect(await seqs('?after=10&limit=4')).toEqual(range(11, 14));
    expect(await seqs('?after=0&limit=100')).toEqual(range(3, 27));
    expect(await seqs('?after=99999999999')).toEqual([]);
    expect((await rest().events(ann.token, room)).map(({ seq }) => seq)).toEqual(range(1, 27));
    const both = await rest().ask('GET', `/rooms/${room}/messages?before=9&after=3`, ann.token);
    expect(both).toMatchObject({ status: 400, body: { code: 'bad_request' } });
  });

  it('makes one direct room of two first messages at once, which nobody can leave or change', async () => {
    const [ann, bob] = [await scene().user('Ann'), await scene().user('Bob')];
    const [one, two] = await Promise.all([
      rest().direct(ann.token, bob.id, { text: 'hi Bob' }),
      rest().direct(bob.token, ann.id, { text: 'hi Ann' }),
    ]);
    expect(one.roomId).toBe(two.roomId);
    const mine = (await rest().myRooms(ann.token)).items.find(({ id }) => id === one.roomId) as MyRoom;
    expect(mine).toMatchObject({ visibility: 'direct', peerId: bob.id, messageNo: 2 });
    const leave = await rest().ask('DELETE', `/rooms/${one.roomId}/members/${bob.id}`, bob.token);
    expect(leave).toMatchObject({ status: 409, body: { code: 'direct_room' } });
    const third = await scene().user('Cyd');
    const add = await rest().ask('POST', `/rooms/${one.roomId}/members`, ann.token, { userId: third.id });
    expect(add).toMatchObject({ status: 409, body: { code: 'direct_room' } });
    const nobody = await rest().ask('POST', `/direct/${randomUUID()}/messages`, ann.token, {
      text: 'hello?',
    });
    expect(nobody).toMatchObject({ status: 404, body: { code: 'user_not_found' } });
    const self = await rest().ask('POST', `/direct/${ann.id}/messages`, ann.token, { text: 'me' });
    expect(self).toMatchObject({ status: 400, body: { code: 'bad_request' } });
  });

  it('moves a read marker forward only, never beyond the head, and counts what is left', async () => {
    const [ann, bob] = [await scene().user('Ann'), await scene().user('Bob')];
    const room = await scene().room('private', ann, bob);
    const sent: Message[] = [];
    for (const text of ['1', '2', '3']) sent.push(await rest().post(ann.token, room, { text }));
    const unread = async () => (await rest().myRooms(bob.token)).items.find(({ id }) => id === room)?.unread;
    expect(await unread()).toBe(3);
    expect(await rest().read(bob.token, room, sent[1]?.seq ?? 0)).toEqual({ readSeq: 5 });
    expect(await unread()).toBe(1);
    expect(await rest().read(bob.token, room, 1)).toEqual({ readSeq: 5 });
    expect(await rest().read(bob.token, room, 1_000_000)).toEqual({ readSeq: 6 });
    expect(await unread()).toBe(0);
    await rest().post(ann.token, room, { text: '4' });
    await rest().post(bob.token, room, { text: 'mine moves my marker' });
    expect(await unread()).toBe(0);
    const outside = await scene().user('Cyd');
    expect(await rest().ask('POST', `/rooms/${room}/read`, outside.token, { seq: 1 })).toMatchObject({
      status: 403,
      body: { code: 'not_a_member' },
    });
  });
}
