import { WatchIndex } from './watch-index';

describe('who is told of whom', () => {
  const of = (index: WatchIndex, userId: string): string[] => [...index.watchersOf(userId)].sort();

  it('are his friends who are here, and nobody else', () => {
    const index = new WatchIndex();
    index.setKnown('ann', ['bob', 'cyd'], []);
    index.setKnown('dan', ['cyd'], []);
    expect([of(index, 'bob'), of(index, 'cyd'), of(index, 'ann')]).toEqual([['ann'], ['ann', 'dan'], []]);
    index.setKnown('ann', ['cyd'], []);
    index.drop('dan');
    expect([of(index, 'bob'), of(index, 'cyd')]).toEqual([[], ['ann']]);
  });

  it('are those here of whom it is known whom they have to do with, in small rooms that they share', () => {
    const index = new WatchIndex();
    index.setMembers('tea', ['ann', 'bob', 'cyd']);
    expect(of(index, 'ann')).toEqual([]);
    index.setKnown('bob', [], []);
    index.setKnown('ann', [], []);
    expect([of(index, 'ann'), of(index, 'cyd')]).toEqual([['bob'], ['ann', 'bob']]);
    expect([index.sees('bob', 'cyd'), index.sees('cyd', 'bob'), index.sees('bob', 'dan')]).toEqual([
      true,
      false,
      false,
    ]);
    index.setMembers('tea', ['ann', 'cyd']);
    expect(of(index, 'cyd')).toEqual(['ann']);
    index.dropRoom('tea');
    expect(of(index, 'cyd')).toEqual([]);
  });

  it('are not those whom he has blocked, nor in rooms one whom too many have', () => {
    const index = new WatchIndex();
    index.setMembers('tea', ['ann', 'bob']);
    index.setKnown('ann', [], ['bob']);
    index.setKnown('bob', [], []);
    expect([of(index, 'bob'), of(index, 'ann')]).toEqual([[], ['bob']]);
    expect(index.sees('ann', 'bob')).toBe(false);
    index.setKnown('ann', ['cyd'], null);
    expect([of(index, 'bob'), index.sees('ann', 'bob'), of(index, 'cyd')]).toEqual([[], false, ['ann']]);
  });

  it('are counted, and nothing is left of those who have gone', () => {
    const index = new WatchIndex();
    index.setKnown('ann', ['bob', 'cyd'], ['dan']);
    index.setMembers('tea', ['ann', 'bob']);
    expect(index.pairs).toBe(5);
    index.setKnown('ann', ['bob'], []);
    index.setMembers('tea', ['ann']);
    expect(index.pairs).toBe(2);
    index.drop('ann');
    index.dropRoom('tea');
    expect(index.pairs).toBe(0);
  });
});
