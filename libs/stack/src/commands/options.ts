import path from 'node:path';
import { parseArgs } from 'node:util';
import { workspaceRoot } from '../apps';
import type { StackOptions } from '../stack-options';
import { StackError } from '../stack-error';

const usage =
  'Usage: npm start -- [--gateways N] [--writers N] [--routers N] [--brokers 1|3] [--history cql]';

/** What the flags and settings of `npm start` say. */
export function startOptions(args: string[], env: NodeJS.ProcessEnv): StackOptions {
  const { values } = parse(args);
  const brokers = wholeNumber('brokers', values.brokers ?? '1');
  if (brokers !== 1 && brokers !== 3) throw new StackError(`--brokers takes 1 or 3. ${usage}`);
  if (values.routers !== undefined && env.DELIVERY !== 'routed')
    throw new StackError('--routers is for DELIVERY=routed: set that too, or leave the flag out.');
  const { history } = values;
  if (history !== undefined && history !== 'cql') throw new StackError(`--history takes cql. ${usage}`);
  return {
    home: homeFolder(env),
    gateways: wholeNumber('gateways', values.gateways ?? '1'),
    writers: wholeNumber('writers', values.writers ?? '1'),
    routers: wholeNumber('routers', values.routers ?? '1'),
    brokers,
    history,
    kafkaBrokers: env.KAFKA_BROKERS ? env.KAFKA_BROKERS.split(',').map((broker) => broker.trim()) : undefined,
    databaseUrl: databaseUrl(env.DATABASE_URL),
  };
}

/** `MARU_HOME`, or `.maru` in the repository. */
export function homeFolder(env: NodeJS.ProcessEnv): string {
  return env.MARU_HOME ? path.resolve(env.MARU_HOME) : path.join(workspaceRoot, '.maru');
}

function parse(args: string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args,
      options: { gateways: text, writers: text, routers: text, brokers: text, history: text },
    });
  } catch (error) {
    throw new StackError(`${(error as Error).message}. ${usage}`);
  }
}

function wholeNumber(flag: string, text: string): number {
  if (/^[1-9]$/.test(text)) return Number(text);
  throw new StackError(`--${flag} takes a number from 1 to 9, not "${text}". ${usage}`);
}

function databaseUrl(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  if (URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol)) return text;
  throw new StackError(
    'DATABASE_URL is not a URL like postgres://user:password@host:5432/postgres: correct it and start again.',
  );
}
