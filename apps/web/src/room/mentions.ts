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

/** The ids of those whom a text names. */
export function mentionsIn(text: string, people: readonly Person[]): string[] {
  const named = people.filter(({ name }) => name !== '' && text.includes(`@${name}`));
  return [...new Set(named.map(({ id }) => id))].slice(0, 50);
}
