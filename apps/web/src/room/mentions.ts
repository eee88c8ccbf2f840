export interface Person {
  id: string;
  name: string;
}

const asked = /(?:^|\s)@([^\s@]{0,40})$/u;
const most = 6;

/** What is being typed behind an @ before the caret, and where that @ stands. */
export function askedAt(text: string, caret: number): { from: number; query: string } | undefined {
  const query = asked.exec(text.slice(0, caret))?.[1];
  return query === undefined ? undefined : { from: caret - query.length - 1, query };
}

/** Those whose name, or a word of it, begins so. */
export function matching(people: readonly Person[], query: string): Person[] {
  const begin = query.toLowerCase();
  const fits = ({ name }: Person): boolean =>
    name
      .toLowerCase()
      .split(/\s+/)
      .some((word) => word.startsWith(begin)) || name.toLowerCase().startsWith(begin);
  return people.filter((person) => person.name !== '' && fits(person)).slice(0, most);
}

/** Where a text names somebody: behind an @, the longest of the names that stands there. */
export function namedIn(text: string, names: readonly string[]): { at: number; name: string }[] {
  const longestFirst = names.filter((name) => name !== '').sort((a, b) => b.length - a.length);
  const found: { at: number; name: string }[] = [];
  let rest = 0;
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const name = at < rest ? undefined : longestFirst.find((one) => text.startsWith(one, at + 1));
    if (name === undefined) continue;
    found.push({ at, name });
    rest = at + 1 + name.length;
  }
  return found;
}

/** The ids of those whom a text names. Where several have a name, those of them who are meant, if any is. */
export function mentionsIn(text: string, meant: readonly Person[], people: readonly Person[]): string[] {
  const taken = new Set(meant.map(({ name }) => name));
  const all = [...meant, ...people.filter(({ name }) => !taken.has(name))];
  const found = namedIn(
    text,
    all.map(({ name }) => name),
  );
  const named = new Set(found.map(({ name }) => name));
  const ids = all.filter(({ name }) => named.has(name)).map(({ id }) => id);
  return [...new Set(ids)].slice(0, 50);
}
