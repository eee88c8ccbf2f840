import { askedAt, matching, mentionsIn } from './mentions';

const people = ['Ada Lovelace', 'Adam', 'Bob'].map((name) => ({ id: name.toLowerCase(), name }));

describe('mentions', () => {
  it.each([
    ['@', 1, { from: 0, query: '' }],
    ['hey @ad', 7, { from: 4, query: 'ad' }],
    ['hey @ad', 4, undefined],
    ['ada@example.org', 15, undefined],
    ['@ada ', 5, undefined],
  ])('are asked for by "%s" before %i', (text, caret, expected) => {
    expect(askedAt(text, caret)).toEqual(expected);
  });

  it('are found by the beginning of any word of a name', () => {
    expect(matching(people, 'AD').map(({ name }) => name)).toEqual(['Ada Lovelace', 'Adam']);
    expect(matching(people, 'love').map(({ name }) => name)).toEqual(['Ada Lovelace']);
  });

  it('are those whose names stand in the text, each once', () => {
    expect(mentionsIn('@Bob and @Ada Lovelace and @Bob, not Adam', [], people)).toEqual([
      'ada lovelace',
      'bob',
    ]);
  });

  it('are of the longest name that stands there, and of no shorter one in it', () => {
    const ann = { id: 'ann', name: 'Ann' };
    const anna = { id: 'anna', name: 'Anna' };
    expect(mentionsIn('@Anna hi', [], [ann, anna])).toEqual(['anna']);
    expect(mentionsIn('@Anna hi', [ann], [ann, anna])).toEqual(['anna']);
    expect(mentionsIn('@Anna and @Ann', [], [ann, anna])).toEqual(['ann', 'anna']);
  });

  it('are of two with one name the one who was picked', () => {
    const twins = ['bob-1', 'bob-2'].map((id) => ({ id, name: 'Bob' }));
    expect(mentionsIn('@Bob', twins.slice(1), twins)).toEqual(['bob-2']);
    expect(mentionsIn('@Bob', [], twins)).toEqual(['bob-1', 'bob-2']);
  });
});
