import { bySpeaker, parseIrcLog } from './irc-log';

describe('an IRC log', () => {
  it('gives messages and actions in their order and leaves out everything else', () => {
    const log = [
      '[11:22] <ann> hello <bob> [x]',
      '=== carl [n=carl@host]  has joined #ubuntu',
      '[11:23]  * bob sits and listens',
      '[11:23] <bob> * not an action ',
      'no line of ours',
      '',
    ].join('\n');
    expect(parseIrcLog(log)).toEqual([
      { nick: 'ann', text: 'hello <bob> [x]', kind: 'text' },
      { nick: 'bob', text: 'sits and listens', kind: 'action' },
      { nick: 'bob', text: '* not an action ', kind: 'text' },
    ]);
  });

  it('keeps texts to the letter: blanks at both ends, blank ones, odd separators', () => {
    const texts = ['  two before, two after  ', '   ', 'a\u2028b\tc'];
    const log = texts.map((text) => `[00:00] <ann> ${text}`).join('\n');
    expect(parseIrcLog(log).map(({ text }) => text)).toEqual(texts);
  });

  it('takes names with blanks and brackets as they are', () => {
    const lines = parseIrcLog('[12:00] <zcat[1] > one\n[12:45] <[zero] > two');
    expect(lines.map(({ nick, text }) => [nick, text])).toEqual([
      ['zcat[1] ', 'one'],
      ['[zero] ', 'two'],
    ]);
  });

  it('tells names apart that differ only by case', () => {
    const lines = parseIrcLog('[00:00] <Ann> 1\n[00:01] <ann> 2\n[00:02] <Ann> 3');
    expect([...bySpeaker(lines)].map(([nick, said]) => [nick, said.length])).toEqual([
      ['Ann', 2],
      ['ann', 1],
    ]);
  });
});
