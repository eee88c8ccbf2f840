import { changedBetween, noticeOf } from './notices';

const [ann, bob] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
const at = '2026-11-25T12:00:00.000Z';
const event = JSON.stringify({ userId: ann, friendId: bob, version: 3, at });

describe('a notice', () => {
  it.each([
    ['friend.requested', 'friendRequested', [ann, bob]],
    ['friend.accepted', 'friendAccepted', [ann, bob]],
    ['friend.declined', 'friendDeclined', [bob]],
    ['friend.removed', 'friendRemoved', [ann, bob]],
  ])('of %s is %s, to whom it concerns', (type, name, to) => {
    expect(noticeOf(type, () => event)).toEqual({ to, name, body: { userId: ann, friendId: bob, at } });
  });

  it.each([
    ['session.started', 'sessionStarted'],
    ['session.ended', 'sessionEnded'],
    ['session.revoked', 'sessionEnded'],
  ])('of %s is %s, to its user', (type, name) => {
    const told = { userId: ann, sessionId: bob, at, reason: 'by_user' };
    expect(noticeOf(type, () => JSON.stringify(told))).toEqual({
      to: [ann],
      name,
      body: { sessionId: bob, at },
    });
  });

  it('of user.updated is what his friends see of him', () => {
    const updated = { userId: ann, name: 'Ann', statusMessage: 'at tea', at };
    expect(noticeOf('user.updated', () => JSON.stringify({ ...updated, version: 3 }))).toEqual({
      name: 'friendUpdated',
      body: updated,
    });
  });

  it.each(['user.blocked', 'user.unblocked', 'user.deleted', 'toString', ''])('of %s there is none', (type) =>
    expect(noticeOf(type, () => 'not even looked at')).toBeUndefined(),
  );

  it.each(['', '{}', 'null', event.replace(ann, 'x')])('of what is none, %j, is an error', (value) => {
    expect(() => noticeOf('friend.requested', () => value)).toThrow();
  });
});

describe('what has changed', () => {
  it.each(['friend.requested', 'friend.accepted', 'friend.declined', 'friend.removed'])(
    'by %s is between the two',
    (type) => expect(changedBetween(type, () => event)).toEqual([ann, bob]),
  );

  it.each(['user.blocked', 'user.unblocked'])('by %s is between the two', (type) => {
    const block = JSON.stringify({ userId: ann, blockedId: bob, version: 3, at });
    expect(changedBetween(type, () => block)).toEqual([ann, bob]);
  });

  it.each(['user.updated', 'session.ended', 'toString'])('by %s is between nobody', (type) =>
    expect(changedBetween(type, () => 'not even looked at')).toEqual([]),
  );
});
