import type { FriendState } from '@maru/contracts';
import { acceptFriend, askFriends, blockUser, declineFriend, removeFriend, unblockUser } from './standing';

const bob = 'bob';
const standing = (state?: FriendState, more: { blocked?: string[]; blockedBy?: string[] } = {}) => ({
  active: new Set(['ann', bob]),
  friends: new Map(state ? [[bob, state]] : []),
  blocked: new Set(more.blocked),
  blockedBy: new Set(more.blockedBy),
});
const did = ({ deeds }: { deeds: { type: string }[] }) => deeds.map(({ type }) => type);
const all: (FriendState | undefined)[] = [undefined, 'incoming', 'outgoing', 'friends'];

describe('what one user does with another', () => {
  it.each([
    [undefined, ['friend.requested'], 'requested'],
    ['outgoing', [], 'requested'],
    ['incoming', ['friend.accepted'], 'friends'],
    ['friends', [], 'friends'],
  ] as const)('asking when he is %s does %j and answers %s', (state, deeds, outcome) => {
    const decision = askFriends(standing(state), [bob]);
    expect([did(decision), decision.answer]).toEqual([deeds, [{ userId: bob, outcome }]]);
  });

  it('asking one who is not there, who has blocked, or is blocked, does nothing and says the same', () => {
    for (const one of [
      standing(),
      standing(undefined, { blocked: [bob] }),
      standing(undefined, { blockedBy: [bob] }),
    ]) {
      const id = one.blocked.size + one.blockedBy.size === 0 ? 'nobody' : bob;
      const decision = askFriends(one, [id]);
      expect([did(decision), decision.answer]).toEqual([[], [{ userId: id, outcome: 'user_not_found' }]]);
    }
  });

  it('accepting needs a request, and is done once', () => {
    expect(did(acceptFriend(standing('incoming'), bob))).toEqual(['friend.accepted']);
    expect(did(acceptFriend(standing('friends'), bob))).toEqual([]);
    for (const state of [undefined, 'outgoing'] as const) {
      expect(() => acceptFriend(standing(state), bob)).toThrow(
        expect.objectContaining({ code: 'not_found' }) as Error,
      );
    }
  });

  it('declining ends a request and nothing else', () => {
    expect(all.map((state) => did(declineFriend(standing(state), bob)))).toEqual([
      [],
      ['friend.declined'],
      [],
      [],
    ]);
    expect(declineFriend(standing('friends'), bob).answer).toBe('friends');
  });

  it('removing and blocking end whatever there is, a request of the other one by declining it', () => {
    const ends = [[], ['friend.declined'], ['friend.removed'], ['friend.removed']];
    expect(all.map((state) => did(removeFriend(standing(state), bob)))).toEqual(ends);
    expect(all.map((state) => did(blockUser(standing(state), bob)))).toEqual(
      ends.map((end) => [...end, 'user.blocked']),
    );
  });

  it('a block is made and ended once', () => {
    const blocked = standing(undefined, { blocked: [bob] });
    expect([did(blockUser(blocked, bob)), did(unblockUser(blocked, bob))]).toEqual([[], ['user.unblocked']]);
    expect(did(unblockUser(standing(), bob))).toEqual([]);
    expect(() => blockUser(standing(), 'nobody')).toThrow(
      expect.objectContaining({ code: 'user_not_found' }) as Error,
    );
  });
});
