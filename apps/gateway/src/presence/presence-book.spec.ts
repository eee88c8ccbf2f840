import { PresenceBook } from './presence-book';

const at = '2026-11-25T12:00:00.000Z';

describe('who is connected where', () => {
  const changes: string[] = [];
  const book = (): PresenceBook => {
    changes.length = 0;
    return new PresenceBook((userId) => changes.push(userId));
  };

  it('is the best that any living gateway tells', () => {
    const one = book();
    one.alive('g1', at, 0);
    one.alive('g2', at, 0);
    one.put('ann', 'g1', 'away', at, 1);
    expect(one.stateOf('ann')).toBe('away');
    one.put('ann', 'g2', 'online', at, 1);
    expect(one.stateOf('ann')).toBe('online');
    one.put('ann', 'g2', undefined, at, 2);
    expect(one.stateOf('ann')).toBe('away');
    one.put('ann', 'g1', undefined, at, 3);
    expect([one.stateOf('ann'), one.gone('ann')]).toEqual(['offline', { since: 3, lastSeen: at }]);
    one.settle('ann');
    expect([[...one.userIds], one.gone('ann')]).toEqual([[], undefined]);
  });

  it('counts a gateway from when it is heard, until it is taken for gone, and again when it is heard again', () => {
    const one = book();
    one.put('ann', 'g1', 'online', at, 0);
    expect(one.stateOf('ann')).toBe('offline');
    one.alive('g1', at, 5);
    expect(one.stateOf('ann')).toBe('online');
    expect([one.silentSince(5), one.silentSince(6)]).toEqual([[], ['g1']]);
    one.lose('g1');
    expect([one.stateOf('ann'), one.gone('ann')]).toEqual(['offline', { since: 5, lastSeen: at }]);
    expect(one.silentSince(6)).toEqual([]);
    changes.length = 0;
    one.alive('g1', at, 20);
    expect([one.stateOf('ann'), one.gone('ann'), changes]).toEqual(['online', undefined, ['ann']]);
  });

  it('keeps nothing of a gateway that has ended, or has been gone for long', () => {
    const one = book();
    for (const id of ['g1', 'g2']) one.alive(id, at, 0);
    one.put('ann', 'g1', 'online', at, 0);
    one.put('bob', 'g2', 'online', at, 0);
    one.end('g1', 7);
    expect([[...one.userIds], one.gone('ann')]).toEqual([['bob'], { since: 7, lastSeen: at }]);
    one.lose('g2');
    one.forgetSilent(0);
    expect([...one.userIds]).toEqual(['bob']);
    one.forgetSilent(1);
    expect([...one.userIds]).toEqual([]);
  });

  it('keeps users of a gateway that is heard only later', () => {
    const one = book();
    one.put('ann', 'g1', 'online', at, 10);
    one.forgetSilent(9);
    one.alive('g1', at, 11);
    expect(one.stateOf('ann')).toBe('online');
  });

  it('knows when somebody was last seen by what came first', () => {
    const one = book();
    one.alive('g1', 'heard', 3);
    one.put('ann', 'g1', 'online', at, 3);
    one.lose('g1');
    one.put('ann', 'g1', undefined, 'later', 30);
    expect(one.gone('ann')).toEqual({ since: 3, lastSeen: 'heard' });
  });
});
