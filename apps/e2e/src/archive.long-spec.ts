import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { check } from './check/check';
import type { CheckStack, Fault } from './check/check-stack';
import { kills } from './check/faults/kills';
import { runOf } from './check/faults/processes';
import { startWeakStack } from './check/faults/weak-stack';
import { lastLine, report } from './check/report';
import { pause } from './support/until';

const seed = Number(process.env.MARU_SEED ?? Date.now() % 2 ** 31);
const main = path.resolve(__dirname, '../../../dist/apps/api-chat/main.js');

/** The command for people, against the Maru that is checked. */
function moveHistory(stack: CheckStack, ...args: string[]): ChildProcess {
  const { databaseUrl, cql, brokers } = runOf(stack);
  const database = Object.assign(new URL(databaseUrl), { pathname: '/maru_chat' });
  return spawn(process.execPath, [main, 'move-history', ...args], {
    env: {
      ...process.env,
      ...{ DATABASE_URL: database.href, KAFKA_BROKERS: brokers.join(','), LOG_LEVEL: 'warn' },
      ...{ HISTORY_STORE: 'cql', HISTORY_TAIL_EVENTS: '20', CQL_CONTACT_POINTS: cql.join(',') },
    },
    stdio: 'inherit',
  });
}

/** There and back by the command, which is killed on the way, all while people talk. */
const moves: Fault = {
  kind: 'history is moved to and fro',
  minSeconds: 20,
  throw: async (stack) => {
    for (const to of ['postgres', 'cql']) {
      const killed = moveHistory(stack, '--all', '--to', to);
      await pause(1500);
      killed.kill('SIGKILL');
      const [code] = (await once(moveHistory(stack, '--all', '--to', to), 'exit')) as [number];
      if (code !== 0) throw new Error(`move-history --to ${to} ended with ${code}`);
    }
  },
};

async function archivedEvents(stack: CheckStack): Promise<number> {
  const texts = await Promise.all(
    runOf(stack).chat.map(async (url) => (await fetch(`${url}/metrics`)).text()),
  );
  const counts = texts.map((text) => Number(/^maru_archived_events_total (\d+)/m.exec(text)?.[1]));
  return counts.reduce((sum, count) => sum + count, 0);
}

let stack: CheckStack;
beforeAll(async () => {
  stack = await startWeakStack({ brokers: 1, history: 'cql' });
}, 300_000);
afterAll(() => stack.stop());

it('keeps every promise while old history moves, and Cassandra and its movers are killed and stopped', async () => {
  const of = new Set([
    'cassandra killed',
    'cassandra stopped 15 s',
    'api-chat killed',
    'cassandra ended in order',
  ]);
  const faults = [moves, ...kills(stack).filter(({ kind }) => of.has(kind)), moves];
  const say = (text: string) => process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
  const result = await check(stack, { seed, minutes: 4, faults, say });
  process.stdout.write(`\nseed ${seed}\n${report(result)}\n${lastLine(result)}\n`);
  expect(result.findings).toEqual([]);
  expect(result.rounds.map(({ kind }) => kind)).toEqual(expect.arrayContaining([...of, moves.kind]));
  expect(await archivedEvents(stack)).toBeGreaterThan(100);
}, 900_000);
