import { kafkaEnv } from '@maru/kafka-client';
import { postgresEnv } from '@maru/postgres';
import { type EnvShape, serviceEnv, topicsEnv } from '@maru/service-kit';
import { portSettings } from '@maru/stack';
import { z } from 'zod';
import { authEnv } from '../../apps/api-auth/src/auth.config';
import { chatEnv } from '../../apps/api-chat/src/chat.config';
import { usersEnv } from '../../apps/api-users/src/users.config';
import { gatewayEnv } from '../../apps/gateway/src/gateway.config';
import { routerEnv } from '../../apps/router/src/router.config';
import { code, table } from './table';

const apps: Record<string, EnvShape> = {
  'api-users': usersEnv,
  'api-auth': authEnv,
  'api-chat': chatEnv,
  gateway: gatewayEnv,
  router: routerEnv,
};
const shared: Record<string, EnvShape> = {
  'every app': serviceEnv,
  Kafka: kafkaEnv,
  topics: topicsEnv,
  database: postgresEnv,
};
const sharedNames = new Set(Object.values(shared).flatMap((shape) => Object.keys(shape)));
const secret = /SECRET|PASSWORD|DATABASE_URL/;

/** The settings that an app has beside the shared ones. */
const own = (shape: EnvShape): EnvShape =>
  Object.fromEntries(Object.entries(shape).filter(([name]) => !sharedNames.has(name)));

function json(schema: z.ZodType): Record<string, unknown> {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
}

/** What stands when nothing is set; flags are kept as they come out. */
function defaultOf(schema: z.ZodType): string {
  const value = json(schema)['default'] ?? schema.safeParse(undefined).data;
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function kindOf(schema: z.ZodType): string {
  const { type, format, enum: choices, minimum } = json(schema);
  if (Array.isArray(choices)) return choices.map((choice) => code(String(choice))).join(', ');
  if (typeof schema.safeParse(undefined).data === 'boolean') return '`true` or `false`';
  if (type === 'integer')
    return typeof minimum === 'number' && minimum > 1 ? `number, ≥ ${minimum}` : 'number';
  return format === 'uri' ? 'URL' : 'text';
}

const sentence = (text = ''): string => text.charAt(0).toLowerCase() + text.slice(1);

function settingsTable(shape: EnvShape): string {
  const rows = Object.entries(shape).map(([name, schema]) => {
    const standard = defaultOf(schema);
    const needed = !schema.safeParse(undefined).success;
    return [
      code(name),
      kindOf(schema),
      needed ? '(must be set)' : code(standard),
      sentence(schema.description),
    ];
  });
  return table(['setting', 'takes', 'default', 'what it is for'], rows);
}

interface PortRow {
  name: string;
  port: number;
  step?: number;
  env: string;
  description: string;
}

function portsTable(): string {
  const rows = Object.values<PortRow>(portSettings).map(({ name, port, step, env, description }) => {
    const next = step === undefined ? '' : `, ${port + step}, ${port + 2 * step} …`;
    return [`${port}${next}`, name, code(env), description];
  });
  return table(['port', 'what listens', 'setting that moves the first', 'for'], rows);
}

/** The blocks of docs/configuration.md. */
export const settingsBlocks: Record<string, () => string> = {
  ports: portsTable,
  'settings of every app': () => settingsTable(serviceEnv),
  'settings of Kafka': () => settingsTable(kafkaEnv),
  'settings of topics': () => settingsTable(topicsEnv),
  'settings of the database': () => settingsTable(postgresEnv),
  ...Object.fromEntries(
    Object.entries(apps).map(([app, shape]) => [`settings of ${app}`, () => settingsTable(own(shape))]),
  ),
};

/** `.env.example`: every setting with its default, commented out; secrets are left empty. */
export function envExample(): string {
  const section = (title: string, shape: EnvShape): string[] => [
    '',
    `# ---- ${title} ----`,
    ...Object.entries(shape).flatMap(([name, schema]) => [
      `# ${schema.description ?? ''}`,
      `# ${name}=${secret.test(name) ? '' : defaultOf(schema)}`,
    ]),
  ];
  return [
    '# Every setting of the apps, with its default. Made from the typed settings by `npm run docs:generate`;',
    '# docs/configuration.md says more. Nothing reads this file: copy it to .env and load that with your tools,',
    '# such as `node --env-file=.env dist/apps/gateway/main.js`.',
    ...Object.entries(shared).flatMap(([title, shape]) => section(title, shape)),
    ...Object.entries(apps).flatMap(([app, shape]) => section(app, own(shape))),
    '',
  ].join('\n');
}
