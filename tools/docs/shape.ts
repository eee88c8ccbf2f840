import * as contracts from '@maru/contracts';
import { z } from 'zod';

type Schema = { [key: string]: unknown; $defs?: Record<string, Schema> };

/** Values that have a row of their own in the table of values. */
export const values = {
  Email: contracts.email,
  Password: contracts.password,
  Name: contracts.displayName,
  StatusMessage: contracts.statusMessage,
  Picture: contracts.pictureUrl,
  ClientId: contracts.clientId,
  Text: contracts.messageText,
  Kind: contracts.messageKind,
  Metadata: contracts.metadata,
  Seq: contracts.seq,
  Instant: contracts.instant,
} as const;
const nameOf = new Map(Object.entries(values).map(([name, schema]) => [schema.description, name]));

/** Types with a name (`.meta({ id })`) that were met so far, as TypeScript. */
export const namedTypes = new Map<string, string>();

/** A contract as a TypeScript type; `input`: what a client sends, `output`: what it gets. */
export function shape(schema: z.ZodType, io: 'input' | 'output' = 'output'): string {
  const json = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Schema;
  for (const [name, type] of Object.entries(json.$defs ?? {})) namedTypes.set(name, typeOf(type));
  return typeOf(json);
}

function typeOf(schema: Schema): string {
  const reference = schema['$ref'];
  if (typeof reference === 'string') return reference.split('/').at(-1) ?? '';
  const known = nameOf.get(schema['description'] as string | undefined);
  if (known !== undefined) return known;
  if ('const' in schema)
    return typeof schema['const'] === 'string' ? `'${schema['const']}'` : String(schema['const']);
  if (Array.isArray(schema['enum'])) return schema['enum'].map((value) => `'${String(value)}'`).join(' | ');
  const several = (schema['anyOf'] ?? schema['oneOf']) as Schema[] | undefined;
  if (several) return several.map(typeOf).join(' | ');
  if (Array.isArray(schema['type'])) return schema['type'].join(' | ');
  switch (schema['type']) {
    case 'object':
      return objectOf(schema);
    case 'array':
      return arrayOf(typeOf(schema['items'] as Schema));
    case 'integer':
      return 'number';
    case undefined:
      return 'unknown';
    default:
      return schema['format'] === 'uuid' ? 'Uuid' : String(schema['type']);
  }
}

const arrayOf = (type: string): string => (/^\w+$/.test(type) ? `${type}[]` : `(${type})[]`);

function objectOf({ properties, required = [], additionalProperties }: Schema): string {
  if (properties === undefined) return `Record<string, ${typeOf((additionalProperties ?? {}) as Schema)}>`;
  const fields = Object.entries(properties as Record<string, Schema>).map(
    ([name, field]) => `${name}${(required as string[]).includes(name) ? '' : '?'}: ${typeOf(field)}`,
  );
  return fields.length === 0 ? '{}' : `{ ${fields.join('; ')} }`;
}
