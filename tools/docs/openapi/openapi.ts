import { type ErrorCode, errorsOf, errorTable, maxPayloadBytes, type Route, routes } from '@maru/contracts';
import { type JsonSchema, SchemaBook } from '../schema-book';
import { type Example, type Examples, nameOf } from './examples';

export interface Operation {
  operationId: string;
  summary: string;
  tags: string[];
  [field: string]: unknown;
}
export interface OpenApi {
  openapi: '3.1.0';
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, JsonSchema>; [part: string]: unknown };
  [field: string]: unknown;
}

const description = [
  'REST of Maru. Every answer but 204 is JSON; every refusal is problem+json with a stable `code` and `retryable`.',
  `A body holds at most ${maxPayloadBytes / 1024} KB. Live events come over Socket.IO, WebSocket, STOMP and SSE on the same port.`,
].join(' ');

/** The OpenAPI 3.1 description of the public door, made from the contracts; the examples were answers of a real one. */
export function openApi(examples: Examples, table: readonly Route[] = routes): OpenApi {
  const book = new SchemaBook();
  const paths: OpenApi['paths'] = {};
  for (const route of table)
    (paths[route.path] ??= {})[route.method] = operationOf(route, book, examples[nameOf(route)]);
  return {
    openapi: '3.1.0',
    info: { title: 'Maru', version: '0.1.0', description, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: { ...book.schemas, Problem: problem },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        serverKey: {
          ...{ type: 'http', scheme: 'bearer', bearerFormat: 'maru_sk_…' },
          description: 'A server key, for back ends alone: npm run server-keys.',
        },
      },
    },
  };
}

const schemeOf = { user: 'bearer', server: 'serverKey' } as const;

function operationOf(route: Route, book: SchemaBook, example: Example | undefined): Operation {
  const { method, path, summary, access, body } = route;
  return {
    operationId: operationIdOf(method, path),
    summary,
    tags: [path.split('/')[2] ?? ''],
    security: access === 'public' ? [] : [{ [schemeOf[access]]: [] }],
    parameters: [
      ...parametersOf(route, 'path', book, example?.params),
      ...parametersOf(route, 'query', book, example?.query),
    ],
    ...(body
      ? { requestBody: { required: true, content: json(book.of(body, 'input'), example?.body) } }
      : {}),
    responses: { ...answersOf(route, book, example), ...refusalsOf(errorsOf(route)) },
  };
}

/** Such as `getRoomsIdMembers`. */
function operationIdOf(method: string, path: string): string {
  const words = path
    .replace('/api/', '')
    .split(/[^A-Za-z]+/)
    .filter(Boolean);
  return method + words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join('');
}

function parametersOf(
  route: Route,
  place: 'path' | 'query',
  book: SchemaBook,
  example: Record<string, unknown> = {},
): unknown[] {
  const asked = place === 'path' ? (route.params ?? {}) : (route.query?.shape ?? {});
  return Object.entries(asked).map(([name, of]) => {
    const schema = book.of(of as NonNullable<Route['body']>, 'input');
    const shown = name in example ? { example: ofAddress(schema, example[name]) } : {};
    return { name, in: place, required: place === 'path', schema, ...shown };
  });
}

/** In an address all is text. */
const ofAddress = ({ type }: { type?: unknown }, value: unknown): unknown =>
  type === 'integer' ? Number(value) : value;

function answersOf(
  { answers, endless }: Route,
  book: SchemaBook,
  example: Example | undefined,
): Record<string, unknown> {
  const worded = endless ? eventStream : json;
  const entries = Object.entries(answers).map(([status, schema]) => {
    const shown = example?.status === Number(status) ? example.answer : undefined;
    const content = schema ? { content: worded(book.of(schema, 'output'), shown) } : {};
    return [status, { description: descriptions[status] ?? 'Done', ...content }];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

const descriptions: Record<string, string> = { 200: 'OK', 201: 'Made', 204: 'Done; no body' };

/** One answer a status, naming the codes that it may carry. */
function refusalsOf(codes: readonly ErrorCode[]): Record<string, unknown> {
  const byStatus = Object.groupBy(codes, (code) => String(errorTable[code].status));
  const entries = Object.entries(byStatus).map(([status, list = []]) => [
    status,
    {
      description: list.map((code) => `\`${code}\`: ${errorTable[code].message}`).join('\n\n'),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      ...(status === '429' || status === '503' ? { headers: { 'retry-after': retryAfter } } : {}),
    },
  ]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}

const retryAfter = { description: 'Seconds to wait before it is sent again.', schema: { type: 'integer' } };

const shownAs = (schema: JsonSchema, example: unknown) => ({
  schema,
  ...(example !== undefined && { example }),
});
const json = (schema: JsonSchema, example?: unknown) => ({ 'application/json': shownAs(schema, example) });
const eventStream = (schema: JsonSchema, example?: unknown) => ({
  'text/event-stream': shownAs(schema, example),
});

const problem: JsonSchema = {
  type: 'object',
  description: 'Why a request was refused (RFC 9457).',
  required: ['type', 'title', 'status', 'detail', 'code', 'message', 'retryable'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', enum: Object.keys(errorTable) },
    message: { type: 'string' },
    retryable: {
      type: 'boolean',
      description: 'Whether the same request, with the same id, may succeed later.',
    },
    retryAfterMs: { type: 'integer', description: 'Of `rate_limited`: how long to wait, in ms.' },
  },
};
