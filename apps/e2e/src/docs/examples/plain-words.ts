import type { Examples } from './run-examples';

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const instant = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;
const people: Record<string, string> = {
  ...{ owner: 'Ada', member: 'Bob', third: 'Cyd', New: 'Dan', stranger: 'Eve', former: 'Fay', other: 'Gus' },
};
const secrets: Record<string, string> = {
  ...{ password: 'correct horse battery', currentPassword: 'correct horse battery' },
  ...{ newPassword: 'quiet river under stars', accessToken: 'eyJ…', refreshToken: 'mrt_…', ticket: 'tkt_…' },
  ...{ x: '…', kid: '…', userAgent: 'Maru for Linux' },
};
/** As many of a list as show how it is. */
const shownItems = 2;

/** The same examples as a page shows them: no secret, and nothing that is another one at each run. */
export function inPlainWords(examples: Examples): Examples {
  const ids = new Map<string, string>();
  const idOf = (id: string): string => {
    const known = ids.get(id) ?? `00000000-0000-4000-8000-${String(ids.size + 1).padStart(12, '0')}`;
    ids.set(id, known);
    return known;
  };
  const reworded = (text: string): string =>
    text
      .replace(new RegExp(`^name-${uuid.source}$`), 'Tea')
      .replace(new RegExp(`^text-${uuid.source}$`), 'Hello, Maru')
      .replace(new RegExp(`^${uuid.source}@e2e\\.test$`), 'ada@example.com')
      .replace(instant, '2026-11-25T12:00:00.000Z')
      .replace(uuid, idOf);
  const plain = (value: unknown, field = ''): unknown => {
    if (Array.isArray(value)) return value.slice(0, shownItems).map((item) => plain(item, field));
    if (value !== null && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner, name)]));
    }
    if (typeof value !== 'string') return value;
    return secrets[field] ?? (/^(name|query)$/.test(field) ? people[value] : undefined) ?? reworded(value);
  };
  return plain(examples) as Examples;
}
