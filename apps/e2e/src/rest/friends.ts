import { randomUUID } from 'node:crypto';
import type { Friend, FriendRequest, Friendship } from '@maru/contracts';
import type { Scene } from '../conversation/scene';
import type { ChatClient } from '../support/chat-client';
import { until } from '../support/until';
import type { TestUser } from '../support/user';

/** Promises about friends and blocks: who asks whom, who hears of it, and who reaches nobody any more. */
export function friends(scene: () => Scene): void {
  const rest = () => scene().maru.rest();
  const users = <const N extends readonly string[]>(...names: N) =>
    Promise.all(names.map((name) => scene().user(name))) as Promise<{ [K in keyof N]: TestUser }>;
  const ask = (by: TestUser, ...whom: TestUser[]) =>
    rest().get<{ items: FriendRequest[] }>('POST', '/users/me/friends', by.token, {
      userIds: whom.map(({ id }) => id),
    });
  const answer = (by: TestUser, to: TestUser, what: 'accept' | 'decline') =>
    rest().get<Friendship>('POST', `/users/me/friends/${to.id}/${what}`, by.token);
  const friendsOf = async ({ token }: TestUser) =>
    (await rest().get<{ items: Friend[] }>('GET', '/users/me/friends', token)).items;
  const block = (by: TestUser, whom: TestUser) =>
    rest().get('POST', '/users/me/blocks', by.token, { userId: whom.id });
  const hears = (client: ChatClient, name: string, body: object) =>
    until(`${client.user.name} hears ${name}`, () =>
      client.record.signals.some((one) => one.name === name && contains(one.body, body)),
    );
  const codeOf = async (method: string, path: string, by: TestUser, body: unknown) =>
    (await rest().ask<{ code?: string }>(method, path, by.token, body)).body.code ?? 'done';

  it('are asked several at once, accept or decline, and all hear of it over their open connections', async () => {
    const [ann, bob, cyd] = await users('Ann', 'Bob', 'Cyd');
    const [anns, bobs] = [await scene().client(ann), await scene().client(bob)];
    const { items } = await ask(ann, bob, cyd);
    expect(items.map(({ outcome }) => outcome)).toEqual(['requested', 'requested']);
    for (const client of [anns, bobs])
      await hears(client, 'friendRequested', { userId: ann.id, friendId: bob.id });
    expect(await answer(bob, ann, 'accept')).toEqual({ userId: ann.id, state: 'friends' });
    await answer(cyd, ann, 'decline');
    for (const client of [anns, bobs])
      await hears(client, 'friendAccepted', { userId: bob.id, friendId: ann.id });
    await hears(anns, 'friendDeclined', { userId: cyd.id, friendId: ann.id });
    expect(await friendsOf(ann)).toMatchObject([{ userId: bob.id, name: 'Bob', state: 'friends' }]);
    await rest().get('DELETE', '/users/me', bob.token);
    await hears(anns, 'friendRemoved', { userId: bob.id, friendId: ann.id });
    expect(await friendsOf(ann)).toEqual([]);
  });

  it('have a room with all of them opened in one call', async () => {
    const [ann, bob, cyd] = await users('Ann', 'Bob', 'Cyd');
    const others = [await scene().client(bob), await scene().client(cyd)];
    const id = await scene().room('private', ann, bob, cyd);
    for (const client of others) await client.caughtUp(id, 4);
    expect((await rest().members(bob.token, id)).items.map(({ userId }) => userId)).toEqual([
      ann.id,
      bob.id,
      cyd.id,
    ]);
  });

  it('who are blocked reach nobody by direct messages, requests and rooms, and are not told why', async () => {
    const [ann, bob, cyd] = await users('Ann', 'Bob', 'Cyd');
    await ask(ann, bob);
    await answer(bob, ann, 'accept');
    const bobs = await scene().client(bob);
    const first = await rest().direct(bob.token, ann.id, { id: 'first', text: 'hello' });
    await block(ann, bob);
    await hears(bobs, 'friendRemoved', { userId: ann.id, friendId: bob.id });
    const direct = () => codeOf('POST', `/direct/${ann.id}/messages`, bob, { text: 'please' });
    await until('the block works', async () => (await direct()) === 'user_not_found');
    const nobody = { text: 'please' };
    const refused = await rest().ask('POST', `/direct/${ann.id}/messages`, bob.token, nobody);
    const missing = randomUUID();
    const ofNobody = await rest().ask('POST', `/direct/${missing}/messages`, bob.token, nobody);
    expect(JSON.stringify(refused).replaceAll(ann.id, missing)).toBe(JSON.stringify(ofNobody));
    expect(await bobs.ask('sendMessage', { roomId: first.roomId, text: 'please' })).toMatchObject({
      ok: false,
      error: { code: 'user_not_found' },
    });
    const again = await rest().direct(bob.token, ann.id, { id: 'first', text: 'hello' });
    expect(again).toEqual({ ...first, duplicate: true });
    const room = { name: 'Trap', visibility: 'private', memberIds: [cyd.id, ann.id] };
    expect(await codeOf('POST', '/rooms', bob, room)).toBe('user_not_found');
    expect((await ask(bob, ann)).items).toEqual([{ userId: ann.id, outcome: 'user_not_found' }]);

    const before = (await scene().events(ann, first.roomId)).length;
    await rest().direct(ann.token, bob.id, { text: 'no' });
    await rest().get('DELETE', `/users/me/blocks/${bob.id}`, ann.token);
    await until('the block has ended', async () => (await direct()) === 'done');
    expect(await scene().events(ann, first.roomId)).toHaveLength(before + 2);
  });
}

const contains = (body: unknown, part: object): boolean =>
  Object.entries(part).every(([name, value]) => (body as Record<string, unknown>)[name] === value);
