import { Ajv2020 } from 'ajv/dist/2020';
import { errorTable, routes } from '@maru/contracts';
import { nameOf, readExamples } from './examples';
import { openApi } from './openapi';

const document = openApi(readExamples());
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

/** Every value under `key`, however deep. */
function all(value: unknown, key: string): unknown[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value as Record<string, unknown>).flatMap(([name, inner]) => [
    ...(name === key ? [inner] : []),
    ...all(inner, key),
  ]);
}

/** For schemas that refer to others of the document. */
function ajvOfDocument(): { ajv: Ajv2020; resolved: (schema: unknown) => object } {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: 'doc', components: document.components });
  const resolved = (schema: unknown): object =>
    JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"doc#/components')) as object;
  return { ajv, resolved };
}

describe('openapi.json', () => {
  it('has every route, each under an id of its own', () => {
    expect(operations).toHaveLength(routes.length);
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(routes.length);
  });

  it('holds only references that lead somewhere', () => {
    for (const reference of all(document, '$ref') as string[]) {
      const [, name] = /^#\/components\/schemas\/(\w+)$/.exec(reference) ?? [];
      expect(document.components.schemas).toHaveProperty(name ?? reference);
    }
  });

  it('holds only schemas that are valid JSON Schema 2020-12', () => {
    const { ajv, resolved } = ajvOfDocument();
    for (const schema of all(document, 'schema')) expect(() => ajv.compile(resolved(schema))).not.toThrow();
    for (const schema of Object.values(document.components.schemas)) {
      expect(ajv.validateSchema(schema)).toBe(true);
    }
  });

  it('names every parameter of a path, and no other', () => {
    for (const { path, operation } of operations) {
      const named = (operation['parameters'] as { in: string; name: string }[])
        .filter((parameter) => parameter.in === 'path')
        .map(({ name }) => name);
      expect(named).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    }
  });

  it('takes a message as documented and refuses others', () => {
    const { ajv, resolved } = ajvOfDocument();
    const post = document.paths['/api/rooms/{id}/messages']?.['post'];
    const [schema] = all(post?.['requestBody'], 'schema') as [object];
    const validate = ajv.compile(resolved(schema));
    expect(validate({ text: 'hi' })).toBe(true);
    expect(validate({ text: 'hi', kind: 'text', metadata: { a: 1 }, id: 'x1' })).toBe(true);
    expect(validate({})).toBe(false);
    expect(validate({ text: 5 })).toBe(false);
    expect(validate({ text: 'hi', other: 1 })).toBe(false);
  });

  it('says of every route which codes it may answer with', () => {
    for (const { operation } of operations) {
      const statuses = Object.entries(operation['responses'] as Record<string, { description: string }>);
      const codes = statuses.flatMap(([status, { description }]) =>
        [...description.matchAll(/`(\w+)`:/g)].map(([, code]) => ({ status, code })),
      );
      expect(codes.length).toBeGreaterThan(0);
      for (const { status, code } of codes) {
        expect(errorTable[code as keyof typeof errorTable].status).toBe(Number(status));
      }
    }
  });

  it('has an example for every route that takes a token or none, and it is as its schemas say', () => {
    const { ajv, resolved } = ajvOfDocument();
    const takesToken = routes.filter(({ access }) => access === 'public' || access === 'user');
    const askable = new Set(takesToken.map(nameOf));
    const wrong: string[] = [];
    let shown = 0;
    for (const { path, method, operation } of operations) {
      for (const { schema, example } of shownIn(operation)) {
        shown++;
        if (!ajv.validate(resolved(schema), example)) wrong.push(`${method} ${path}: ${ajv.errorsText()}`);
      }
      if (!askable.has(`${method} ${path}`)) continue;
      const { status } = readExamples()[`${method} ${path}`] ?? {};
      if (!(String(status) in (operation['responses'] as object)))
        wrong.push(`${method} ${path}: no example`);
    }
    expect(wrong).toEqual([]);
    expect(shown).toBeGreaterThan(operations.length);
  });
});

interface Shown {
  schema: unknown;
  example: unknown;
}

/** Every place with a schema and an example. */
function shownIn(value: unknown): Shown[] {
  if (value === null || typeof value !== 'object') return [];
  if ('schema' in value && 'example' in value) return [value];
  return Object.values(value).flatMap(shownIn);
}
