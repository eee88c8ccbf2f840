import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { JsonSchema } from '../schema-book';

/** A record of a version of an event, as it was when that version came, and its schema then. Written once. */
export interface GoldenSample {
  topic: string;
  type: string;
  version: number;
  key: string;
  headers: Record<string, string>;
  value: unknown;
  schema: JsonSchema;
}

/** Where it stands below the folder of the samples. */
export const fileOf = ({ topic, type, version }: Pick<GoldenSample, 'topic' | 'type' | 'version'>): string =>
  path.join(topic, `${type}.v${version}.json`);

/** What the file holds. */
export const bodyOf = ({ type, version, key, headers, value, schema }: GoldenSample): object => ({
  ...{ type, version, key, headers, value, schema },
});

/** Every sample below the folder, by topic, type and version. */
export function readSamples(folder: string): GoldenSample[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const samples = files.flatMap((file) => {
    const [, topic, type, version] =
      /^([^/]+)\/(.+)\.v(\d+)\.json$/.exec(file.replaceAll(path.sep, '/')) ?? [];
    if (topic === undefined || type === undefined) return [];
    const body = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Omit<GoldenSample, 'topic'>;
    return [{ ...body, topic, type, version: Number(version) }];
  });
  return samples.sort((one, other) => one.version - other.version);
}

/** What producers write by a contract, without references. */
export function schemaOf(contract: z.ZodType): JsonSchema {
  const { $defs = {}, ...schema } = z.toJSONSchema(contract, {
    io: 'output',
    unrepresentable: 'any',
    override: ({ jsonSchema, zodSchema }) => {
      if (zodSchema._zod.def.type !== 'record') delete jsonSchema.additionalProperties;
      // A format says it in a word.
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
    },
  }) as JsonSchema;
  delete schema['$schema'];
  return inlined(schema, $defs as Record<string, JsonSchema>) as JsonSchema;
}

function inlined(value: unknown, named: Record<string, JsonSchema>): unknown {
  if (Array.isArray(value)) return value.map((item) => inlined(item, named));
  if (value === null || typeof value !== 'object') return value;
  const { $ref, ...rest } = value as JsonSchema;
  const meant = typeof $ref === 'string' ? named[$ref.split('/').at(-1) ?? ''] : {};
  const whole = { ...meant, ...rest };
  return Object.fromEntries(Object.entries(whole).map(([name, inner]) => [name, inlined(inner, named)]));
}
