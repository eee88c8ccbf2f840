import { partsOf } from './text-parts';

const links = (text: string): string[] =>
  partsOf(text, []).flatMap((part) => (part.is === 'link' ? [part.text] : []));

describe('the parts of a text', () => {
  it.each([
    ['see https://a.example/b?c=d#e now', ['https://a.example/b?c=d#e']],
    ['https://a.example, http://b.example.', ['https://a.example', 'http://b.example']],
    ['(https://a.example/x) https://a.example/y_(z)', ['https://a.example/x', 'https://a.example/y_(z)']],
    [
      '(see https://a.example/y_(z).). http://b.example/(!))?',
      ['https://a.example/y_(z)', 'http://b.example/(!)'],
    ],
    ['javascript:alert(1) ftp://a.example data:text/html,x', []],
    ['javascript://https.example/ xhttps://a.example', []],
    ['https:// http://', []],
    ['HTTPS://A.example/Q', ['HTTPS://A.example/Q']],
  ])('%s', (text, expected) => {
    expect(links(text)).toEqual(expected);
  });

  it('are found at once, however many marks and brackets end an address', () => {
    const text = `http://a${'!'.repeat(4000)}${')'.repeat(3990)}`;
    const began = performance.now();
    expect(links(text)).toEqual(['http://a']);
    expect(performance.now() - began).toBeLessThan(500);
  });

  it('are together the text, to the letter', () => {
    const text = ' <b>@Ada</b> (https://a.example/).\n\n@Ada Lovelace, @Bob? @';
    const parts = partsOf(text, ['Ada', 'Ada Lovelace', 'Bob', '']);
    expect(parts.map((part) => part.text).join('')).toBe(text);
    expect(parts.flatMap((part) => (part.is === 'mention' ? [part.text] : []))).toEqual([
      '@Ada',
      '@Ada Lovelace',
      '@Bob',
    ]);
  });
});
