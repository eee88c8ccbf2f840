import { randomUUID } from 'node:crypto';
import type { BlockedUser, Friend, FriendRequest } from '@maru/contracts';
import { AccountServices, until } from '../testing/account-services';
import { freeUrl } from '../testing/service-process';
import { ToldUsers } from '../testing/told-users';

let services: AccountServices;
const told = new ToldUsers();

beforeAll(async () => {
  // No api-chat is there: lists come all the same.
  services = await AccountServices.start({ CHAT_URL: await freeUrl() });
  await told.start();
});
afterAll(async () => {
  await told.stop();
  await services.stop();
});

type Someone = Awaited<ReturnType<AccountServices['join']>>;
const people = <const N extends readonly string[]>(...names: N) =>
  Promise.all(names.map((name) => services.join({ name }))) as Promise<{ [K in keyof N]: Someone }>;
const ask = async (by: Someone, ...whom: (Someone | string)[]) => {
  const userIds = whom.map((one) => (typeof one === 'string' ? one : one.user.id));
  const { body } = await services.call<{ items: FriendRequest[] }>(
    'POST',
    '/api/users/me/friends',
    { userIds },
    by.token,
  );
  return (body.items ?? [body.code]).map((item) => (typeof item === 'string' ? item : item.outcome));
};
const change = async (by: Someone, method: string, path: string, body?: object) => {
  const answer = await services.call<{ state?: string; blocked?: boolean }>(
    method,
    `/api/users/me/${path}`,
    body,
    by.token,
  );
  return answer.body.code ?? answer.body.state ?? answer.body.blocked;
};
const accept = (by: Someone, { user }: Someone) => change(by, 'POST', `friends/${user.id}/accept`);
const decline = (by: Someone, { user }: Someone) => change(by, 'POST', `friends/${user.id}/decline`);
const remove = (by: Someone, { user }: Someone) => change(by, 'DELETE', `friends/${user.id}`);
const block = (by: Someone, { user }: Someone) => change(by, 'POST', 'blocks', { userId: user.id });
const unblock = (by: Someone, { user }: Someone) => change(by, 'DELETE', `blocks/${user.id}`);
const list = <T>(by: Someone, path: string) =>
  services.call<{ items: T[]; next?: string }>('GET', `/api/users/me/${path}`, undefined, by.token);
const friendsOf = async (by: Someone, query = '') =>
  (await list<Friend>(by, `friends${query}`)).body.items.map(({ name, state }) => `${name} ${state}`).sort();
/** What was told of a user beside his sign-up. */
const deedsOf = async ({ user }: Someone, count: number) => {
  await until(() => told.of(user.id).length > count);
  const [, ...deeds] = told.of(user.id);
  expect(deeds.map(({ version }) => version)).toEqual(deeds.map((_, index) => index + 2));
  return deeds.map(({ type }) => type);
};

describe('friends', () => {
  it('are asked, and accept, decline or remove, each of it once however often it is asked for', async () => {
    const [ann, bob] = await people('Ann', 'Bob');
    for (let turn = 0; turn < 2; turn++) expect(await ask(ann, bob)).toEqual(['requested']);
    expect([await friendsOf(ann), await friendsOf(bob)]).toEqual([['Bob outgoing'], ['Ann incoming']]);
    expect(await accept(ann, bob)).toBe('not_found');
    for (let turn = 0; turn < 2; turn++) expect(await accept(bob, ann)).toBe('friends');
    expect([await friendsOf(ann), await friendsOf(bob)]).toEqual([['Bob friends'], ['Ann friends']]);
    expect(await decline(bob, ann)).toBe('friends');
    for (let turn = 0; turn < 2; turn++) expect(await remove(ann, bob)).toBe('none');
    expect(await ask(bob, ann)).toEqual(['requested']);
    for (let turn = 0; turn < 2; turn++) expect(await decline(ann, bob)).toBe('none');
    expect([await friendsOf(ann), await friendsOf(bob)]).toEqual([[], []]);
    expect(await deedsOf(ann, 3)).toEqual(['friend.requested', 'friend.removed', 'friend.declined']);
    expect(await deedsOf(bob, 2)).toEqual(['friend.accepted', 'friend.requested']);
    expect(told.of(bob.user.id)[1]).toMatchObject({ userId: bob.user.id, friendId: ann.user.id });
  });

  it('are asked several at once, each with an outcome of its own', async () => {
    const [ann, bob, cyd, eve] = await people('Ann', 'Bob', 'Cyd', 'Eve');
    await ask(bob, ann);
    await block(eve, ann);
    const outcomes = await ask(ann, bob, cyd, randomUUID(), eve, cyd);
    expect(outcomes).toEqual(['friends', 'requested', 'user_not_found', 'user_not_found']);
    expect(await friendsOf(ann)).toEqual(['Bob friends', 'Cyd outgoing']);
    expect(await ask(ann, bob, ann)).toEqual(['bad_request']);
    expect(await ask(ann)).toEqual(['bad_request']);
    expect(await ask(ann, ...Array.from({ length: 101 }, () => randomUUID()))).toEqual(['bad_request']);
  });

  it('become friends exactly once when both ask at the same moment', async () => {
    for (let turn = 0; turn < 10; turn++) {
      const [ann, bob] = await people('Ann', 'Bob');
      const outcomes = await Promise.all([ask(ann, bob), ask(bob, ann), ask(ann, bob), ask(bob, ann)]);
      expect(outcomes.flat()).toContain('friends');
      expect([await friendsOf(ann), await friendsOf(bob)]).toEqual([['Bob friends'], ['Ann friends']]);
      await until(() => [ann, bob].every(({ user }) => told.of(user.id).length === 2));
      const deeds = [...(await deedsOf(ann, 1)), ...(await deedsOf(bob, 1))];
      expect(deeds.sort()).toEqual(['friend.accepted', 'friend.requested']);
    }
  });

  it('who all ask each other at once all become friends, and nobody waits in a ring', async () => {
    const all: readonly Someone[] = await people('A', 'B', 'C', 'D', 'E');
    const orders = all.map((one, at) => {
      const others = all.filter((other) => other !== one);
      return at % 2 === 0 ? others : others.reverse();
    });
    const outcomes = await Promise.all(all.map((one, at) => ask(one, ...(orders[at] ?? []))));
    expect(outcomes.flat().filter((outcome) => outcome === 'friends')).toHaveLength(10);
    for (const one of all) {
      expect((await friendsOf(one)).filter((line) => line.endsWith(' friends'))).toHaveLength(4);
    }
  });

  it('are listed with name and status message, the newest first, page by page, by state if wanted', async () => {
    const [ann, bob, cyd, eve] = await people('Ann', 'Bob', 'Cyd', 'Eve');
    await services.call('PATCH', '/api/users/me', { statusMessage: 'at sea' }, bob.token);
    for (const one of [bob, cyd, eve]) await ask(ann, one);
    await accept(bob, ann);
    const first = await list<Friend>(ann, 'friends?limit=2');
    expect(first.body.items).toEqual([
      {
        userId: bob.user.id,
        name: 'Bob',
        statusMessage: 'at sea',
        state: 'friends',
        since: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      },
      expect.objectContaining({ name: 'Eve', state: 'outgoing' }),
    ]);
    const second = await list<Friend>(ann, `friends?limit=2&cursor=${first.body.next}`);
    expect(second.body.items.map(({ name }) => name)).toEqual(['Cyd']);
    expect(second.body).not.toHaveProperty('next');
    expect(await friendsOf(ann, '?state=outgoing')).toEqual(['Cyd outgoing', 'Eve outgoing']);
    expect((await list(ann, 'friends?state=enemies')).body.code).toBe('bad_request');
    expect((await list(ann, 'friends?cursor=x')).body.code).toBe('bad_request');
  });
});

describe('a block', () => {
  it('ends a friendship and refuses requests by a code that does not tell, until it is ended', async () => {
    const [ann, bob] = await people('Ann', 'Bob');
    await ask(ann, bob);
    await accept(bob, ann);
    for (let turn = 0; turn < 2; turn++) expect(await block(ann, bob)).toBe(true);
    expect([await friendsOf(ann), await friendsOf(bob)]).toEqual([[], []]);
    expect(await ask(bob, ann, randomUUID())).toEqual(['user_not_found', 'user_not_found']);
    expect(await ask(ann, bob)).toEqual(['user_not_found']);
    const { items } = (await list<BlockedUser>(ann, 'blocks')).body;
    expect(items.map(({ userId, name }) => [userId, name])).toEqual([[bob.user.id, 'Bob']]);
    expect((await list(bob, 'blocks')).body.items).toEqual([]);
    for (let turn = 0; turn < 2; turn++) expect(await unblock(ann, bob)).toBe(false);
    expect(await ask(bob, ann)).toEqual(['requested']);
    const deeds = ['friend.requested', 'friend.removed', 'user.blocked', 'user.unblocked'];
    expect(await deedsOf(ann, 4)).toEqual(deeds);
    expect(told.of(ann.user.id).at(-1)).toMatchObject({ blockedId: bob.user.id });
  });

  it('of nobody, or oneself, is refused; and of one who asks at the same moment no request stays', async () => {
    const ann = await services.join();
    expect(await change(ann, 'POST', 'blocks', { userId: randomUUID() })).toBe('user_not_found');
    expect(await block(ann, ann)).toBe('bad_request');
    for (let turn = 0; turn < 10; turn++) {
      const bob = await services.join({ name: 'Bob' });
      await Promise.all([ask(bob, ann), block(ann, bob), ask(bob, ann)]);
      expect([await friendsOf(ann), await friendsOf(bob)]).toEqual([[], []]);
    }
  });
});

describe('a deleted user', () => {
  it('is nobody’s friend and blocks nobody any more, and it is told', async () => {
    const [ann, bob, cyd, eve] = await people('Ann', 'Bob', 'Cyd', 'Eve');
    await ask(ann, bob);
    await accept(bob, ann);
    await ask(cyd, ann);
    await block(ann, eve);
    await block(eve, ann);
    await services.call('DELETE', '/api/users/me', undefined, ann.token);
    for (const one of [bob, cyd]) expect(await friendsOf(one)).toEqual([]);
    expect((await list(eve, 'blocks')).body.items).toEqual([]);
    expect(await ask(bob, ann)).toEqual(['user_not_found']);
    const deeds = await deedsOf(ann, 5);
    expect(deeds.slice(0, 2)).toEqual(['friend.requested', 'user.blocked']);
    expect(deeds.slice(2, 4).sort()).toEqual(['friend.declined', 'friend.removed']);
    expect(deeds[4]).toBe('user.deleted');
  });

  it('leaves nothing behind when friends go at the same moment, or one is asked', async () => {
    for (let turn = 0; turn < 5; turn++) {
      const [ann, bob, cyd] = await people('Ann', 'Bob', 'Cyd');
      await ask(ann, bob, cyd);
      await accept(bob, ann);
      await Promise.all([block(bob, cyd), block(cyd, bob)]);
      const go = ({ token }: Someone) => services.call('DELETE', '/api/users/me', undefined, token);
      const gone = await Promise.all([go(ann), go(bob), ask(cyd, ann, bob)]);
      expect([gone[0].status, gone[1].status]).toEqual([200, 200]);
      expect(await friendsOf(cyd)).toEqual([]);
      expect((await list(cyd, 'blocks')).body.items).toEqual([]);
    }
  });
});
