import { randomUUID } from 'node:crypto';
import type { MyRoom, Room } from '@maru/contracts';
import type { Scene } from '../conversation/scene';

/** Promises about rooms and members, as any program sees them over HTTP. */
export function rooms(scene: () => Scene): void {
  const rest = () => scene().maru.rest();

  it('makes one room for one id, however often and however concurrently it is asked for', async () => {
    const ann = await scene().user('Ann');
    const body = { id: 'my-room:1', name: 'Hall', visibility: 'public' };
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => rest().ask<Room>('POST', '/rooms', ann.token, body)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 201]);
    expect(new Set(answers.map(({ body: { id } }) => id)).size).toBe(1);
    expect(answers[0]?.body).toEqual({
      id: expect.any(String) as string,
      name: 'Hall',
      visibility: 'public',
      seq: 2,
      messageNo: 0,
      ownerId: ann.id,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
      slowModeSeconds: 0,
    });
    const other = await rest().ask('POST', '/rooms', ann.token, { ...body, name: 'Other' });
    expect(other).toMatchObject({ status: 409, body: { code: 'id_conflict', retryable: false } });
  });

  it('refuses a room with a member who does not exist, and makes none', async () => {
    const ann = await scene().user('Ann');
    const answer = await rest().ask('POST', '/rooms', ann.token, {
      name: 'Ghosts',
      visibility: 'private',
      memberIds: [randomUUID()],
    });
    expect(answer).toMatchObject({ status: 404, body: { code: 'user_not_found' } });
    expect((await rest().myRooms(ann.token)).items).toEqual([]);
  });

  it('does not show a private room to others, and lets nobody in but by its owner', async () => {
    const [ann, bob, cyd] = [await scene().user('Ann'), await scene().user('Bob'), await scene().user('Cyd')];
    const id = await scene().room('private', ann, cyd);
    const paths = [
      ['GET', `/rooms/${id}`],
      ['GET', `/rooms/${id}/members`],
      ['GET', `/rooms/${id}/messages`],
      ['GET', `/rooms/${id}/events`],
      ['POST', `/rooms/${id}/join`],
      ['DELETE', `/rooms/${id}`],
      ['DELETE', `/rooms/${id}/members/${bob.id}`],
    ] as const;
    for (const [method, path] of paths) {
      const answer = await rest().ask(method, path, bob.token);
      expect([path, answer.status, answer.body]).toMatchObject([path, 404, { code: 'room_not_found' }]);
    }
    const byMember = await rest().ask('POST', `/rooms/${id}/members`, cyd.token, { userId: bob.id });
    expect(byMember).toMatchObject({ status: 403, body: { code: 'not_the_owner' } });
    expect(await rest().add(ann.token, id, bob.id)).toEqual({ roomId: id, seq: 4 });
    expect((await rest().members(bob.token, id)).items).toHaveLength(3);
  });

  it('lets its owner hand over before he leaves, and only then', async () => {
    const [ann, bob] = [await scene().user('Ann'), await scene().user('Bob')];
    const id = await scene().room('public', ann, bob);
    const early = await rest().ask('DELETE', `/rooms/${id}/members/${ann.id}`, ann.token);
    expect(early).toMatchObject({ status: 409, body: { code: 'owner_must_hand_over' } });
    expect(await rest().ask('PATCH', `/rooms/${id}`, bob.token, { ownerId: bob.id })).toMatchObject({
      status: 403,
    });
    expect(await rest().get('PATCH', `/rooms/${id}`, ann.token, { ownerId: bob.id })).toMatchObject({
      ownerId: bob.id,
    });
    expect(await rest().remove(ann.token, id, ann.id)).toEqual({ roomId: id, seq: 5 });
    expect((await rest().members(bob.token, id)).items).toEqual([
      { userId: bob.id, joinedSeq: 3, owner: true, role: 'member', mutedUntil: null },
    ]);
  });

  it('ends a room for all when its owner deletes it', async () => {
    const [ann, bob] = [await scene().user('Ann'), await scene().user('Bob')];
    const id = await scene().room('public', ann, bob);
    expect(await rest().ask('DELETE', `/rooms/${id}`, bob.token)).toMatchObject({ status: 403 });
    expect(await rest().get('DELETE', `/rooms/${id}`, ann.token)).toEqual({ roomId: id, seq: 4 });
    expect(await rest().ask('GET', `/rooms/${id}`, bob.token)).toMatchObject({ status: 404 });
    expect((await rest().myRooms(bob.token)).items).toEqual([]);
  });

  it('lists my rooms by newest activity, page by page, with unread and last message', async () => {
    const [ann, bob] = [await scene().user('Ann'), await scene().user('Bob')];
    const ids: string[] = [];
    for (let number = 0; number < 3; number++) ids.push(await scene().room('private', ann, bob));
    await rest().post(ann.token, ids[1] ?? '', { text: 'newest' });
    const first = await rest().get<{ items: MyRoom[]; next: string }>('GET', '/rooms?limit=2', bob.token);
    expect(first.items.map(({ id }) => id)).toEqual([ids[1], ids[2]]);
    expect(first.items[0]).toMatchObject({
      unread: 1,
      readSeq: 3,
      lastMessage: { text: 'newest', senderId: ann.id },
    });
    const second = await rest().get<{ items: MyRoom[] }>(
      'GET',
      `/rooms?limit=2&cursor=${first.next}`,
      bob.token,
    );
    expect(second.items.map(({ id }) => id)).toEqual([ids[0]]);
    expect(second).not.toHaveProperty('next');
  });

  it('finds public rooms by the beginning of their name, whatever signs it has', async () => {
    const ann = await scene().user('Ann');
    const tag = randomUUID().slice(0, 8);
    for (const name of [`${tag} 100% Ärger_`, `${tag} 100 other`]) {
      await rest().createRoom(ann.token, { name, visibility: 'public' });
    }
    await rest().createRoom(ann.token, { name: `${tag} 100% hidden`, visibility: 'private' });
    const query = encodeURIComponent(`${tag.toUpperCase()} 100% ä`);
    const found = await rest().get<{ items: Room[] }>('GET', `/rooms/public?query=${query}`, ann.token);
    expect(found.items.map(({ name }) => name)).toEqual([`${tag} 100% Ärger_`]);
    const page = await rest().get<{ items: Room[]; next: string }>(
      'GET',
      `/rooms/public?query=${tag}&limit=1`,
      ann.token,
    );
    const rest2 = await rest().get<{ items: Room[] }>(
      'GET',
      `/rooms/public?query=${tag}&limit=1&cursor=${page.next}`,
      ann.token,
    );
    expect([...page.items, ...rest2.items].map(({ name }) => name)).toEqual([
      `${tag} 100 other`,
      `${tag} 100% Ärger_`,
    ]);
  });
}
