import type { JsonSchema } from '../schema-book';

type Fields = Record<string, JsonSchema>;

/**
 * What a schema of now takes from those who know it as it was: a field that is gone, is of another type or may be
 * missing, a value of an enum that is gone, and what records that lie on the log lack. More optional fields and more
 * values break nobody who passes over what he does not know.
 */
export function breaks(was: JsonSchema, now: JsonSchema, at = ''): string[] {
  const [before, after] = [kindsOf(was), kindsOf(now)];
  if (before !== after) return [`${at || 'the value'} was ${before}, and is ${after}`];
  const several = optionsOf(was);
  if (several.length > 1) return severalBreak(several, optionsOf(now), at);
  const [one = was, other = now] = [several[0], optionsOf(now)[0]];
  return [...valuesGone(one, other, at), ...fieldsBreak(one, other, at), ...innerBreaks(one, other, at)];
}

/** What a schema of now has and the one that was does not know: nothing, or there is a new version of the event. */
export function news(was: JsonSchema, now: JsonSchema, at = ''): string[] {
  const [fieldsWas, fieldsNow] = [fieldsOf(was), fieldsOf(now)];
  const values = valuesOf(now)?.filter((value) => !valuesOf(was)?.includes(value)) ?? [];
  const fields = Object.entries(fieldsNow).flatMap(([name, field]) => {
    const known = fieldsWas[name];
    return known ? news(known, field, below(at, name)) : [below(at, name)];
  });
  const items = itemsOf(was) && itemsOf(now) ? news(itemsOf(was) ?? {}, itemsOf(now) ?? {}, `${at}[]`) : [];
  return [...values.map((value) => `${at}: ${String(value)}`), ...fields, ...items];
}

const below = (at: string, name: string): string => (at === '' ? name : `${at}.${name}`);
/** The forms that a value may have: `type: ['string', 'null']` is two of them. */
function optionsOf(schema: JsonSchema): JsonSchema[] {
  const several = (schema['anyOf'] ?? schema['oneOf']) as JsonSchema[] | undefined;
  if (several) return several.flatMap(optionsOf);
  const { type, ...rest } = schema;
  if (!Array.isArray(type)) return [schema];
  return type.map((one: unknown) => (one === 'null' ? { type: 'null' } : { ...rest, type: one }));
}

const fieldsOf = (schema: JsonSchema): Fields => (schema['properties'] as Fields | undefined) ?? {};
const requiredOf = (schema: JsonSchema): string[] => (schema['required'] as string[] | undefined) ?? [];
const itemsOf = (schema: JsonSchema): JsonSchema | undefined => schema['items'] as JsonSchema | undefined;
const valuesOf = (schema: JsonSchema): unknown[] | undefined =>
  'const' in schema ? [schema['const']] : (schema['enum'] as unknown[] | undefined);

/** Such as `string (uuid)` or `null or string`. */
function kindsOf(schema: JsonSchema): string {
  const kinds = optionsOf(schema).map(({ type, format }) => {
    const kind = typeof type === 'string' ? type : 'anything';
    return typeof format === 'string' ? `${kind} (${format})` : kind;
  });
  return [...new Set(kinds)].sort().join(' or ');
}

/** Each form that there was is still one of those there are. */
function severalBreak(was: JsonSchema[], now: JsonSchema[], at: string): string[] {
  return was
    .filter((form) => !now.some((other) => breaks(form, other, at).length === 0))
    .map((form) => `${at || 'the value'} is no longer ${kindsOf(form)} as it was`);
}

function valuesGone(was: JsonSchema, now: JsonSchema, at: string): string[] {
  const allowed = valuesOf(now);
  if (allowed === undefined) return [];
  const before = valuesOf(was);
  if (before === undefined) return [`${at} could be any ${kindsOf(was)}, and is one of a few`];
  return before
    .filter((value) => !allowed.includes(value))
    .map((value) => `${at} has no ${String(value)} any more`);
}

function fieldsBreak(was: JsonSchema, now: JsonSchema, at: string): string[] {
  const [before, after] = [requiredOf(was), requiredOf(now)];
  const gone = Object.entries(fieldsOf(was)).flatMap(([name, field]) => {
    const path = below(at, name);
    const kept = fieldsOf(now)[name];
    if (kept === undefined) return [`${path} is gone`];
    const missing = before.includes(name) && !after.includes(name);
    return [
      ...(missing ? [`${path} was always there, and may be missing`] : []),
      ...breaks(field, kept, path),
    ];
  });
  const asked = after
    .filter((name) => !before.includes(name))
    .map((name) => `${below(at, name)} is required, and records of then lack it`);
  return [...gone, ...asked];
}

function innerBreaks(was: JsonSchema, now: JsonSchema, at: string): string[] {
  const parts: [string, string][] = [
    ['items', `${at}[]`],
    ['additionalProperties', `${at}{}`],
  ];
  return parts.flatMap(([part, path]) => {
    const [before, after] = [was[part], now[part]];
    const both = typeof before === 'object' && typeof after === 'object';
    return both ? breaks(before as JsonSchema, after as JsonSchema, path) : [];
  });
}
