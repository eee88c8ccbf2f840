import { createHash } from 'node:crypto';
import type { JsonSchema } from '../schema-book';

/** What fields hold in a sample, where their type does not say it. */
const words: Record<string, unknown> = {
  ...{ name: 'Tea', roomName: 'Tea', text: 'Hello, Maru', kind: 'text', statusMessage: 'At lunch' },
  ...{
    id: 'm1',
    messageId: 'm1',
    metadata: { colour: 'green' },
    reaction: '👍',
    version: 1,
    seq: 7,
    messageNo: 3,
  },
};

/** A value of this schema with every field in it. A person may put better words in before it is checked in. */
export function draft(schema: JsonSchema, name = ''): unknown {
  const options = (schema['anyOf'] ?? schema['oneOf']) as JsonSchema[] | undefined;
  if (options) return draft(options.find(({ type }) => type !== 'null') ?? {}, name);
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0] as unknown;
  if (Object.hasOwn(words, name) && schema['format'] === undefined) return words[name];
  const types = [schema['type']].flat();
  switch (types.find((type) => type !== 'null')) {
    case 'object':
      return draftObject(schema);
    case 'array':
      return [draft((schema['items'] ?? {}) as JsonSchema, name)];
    case 'integer':
    case 'number':
      return Math.max(1, Number(schema['minimum'] ?? 1));
    case 'boolean':
      return true;
    case 'string':
      return draftText(schema, name);
    default:
      return null;
  }
}

function draftObject(schema: JsonSchema): Record<string, unknown> {
  const fields = Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>);
  return Object.fromEntries(fields.map(([name, field]) => [name, draft(field, name)]));
}

function draftText({ format }: JsonSchema, name: string): string {
  if (format === 'date-time') return '2026-11-25T12:00:00.000Z';
  if (format === 'uri') return `https://example.org/${name}`;
  return format === 'uuid' ? uuidOf(name) : name;
}

/** Always the same for a name. */
function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`];
  return [...parts, hex.slice(20, 32)].join('-');
}
