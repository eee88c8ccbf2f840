/** One thing that somebody said. */
export interface IrcLine {
  nick: string;
  text: string;
  /** `action`: `/me`. */
  kind: 'text' | 'action';
}

const message = /^\[\d\d:\d\d\] <([^>]+)> (.*)$/su;
const action = /^\[\d\d:\d\d\] {2}\* (\S+) (.*)$/su;

/** The messages and actions of an IRC log, to the letter; joins, leaves and changes of name are left out. */
export function parseIrcLog(log: string): IrcLine[] {
  return log.split('\n').flatMap((line): IrcLine[] => {
    const said = message.exec(line);
    if (said) return [{ nick: said[1] ?? '', text: said[2] ?? '', kind: 'text' }];
    const did = action.exec(line);
    return did ? [{ nick: did[1] ?? '', text: did[2] ?? '', kind: 'action' }] : [];
  });
}

/** What each of them said, in his order. Names that differ only by case are different people. */
export function bySpeaker(lines: readonly IrcLine[]): Map<string, IrcLine[]> {
  const speakers = new Map<string, IrcLine[]>();
  for (const line of lines) {
    const said = speakers.get(line.nick);
    if (said) said.push(line);
    else speakers.set(line.nick, [line]);
  }
  return speakers;
}
