import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import {
  freePort,
  makeTempFolder,
  ManagedProcess,
  portSettings,
  readRunFile,
  removeFolder,
} from '@maru/stack';
import { pause } from '../support/until';
import type { Bench } from './bench';
import { treesOf } from './cpu';
import { type Memory, memoryOf } from './memory';
import type { Figure } from './report';
import type { Row } from './row';
import { spread } from './statistics';

const root = path.resolve(__dirname, '../../../..');
const idleSeconds = 20;
const mostRuns = 3;

export const startRow: Row = {
  name: 'start',
  about: `npm start with data there, and the memory of all of it after ${idleSeconds} s of nothing`,
  measure,
};

interface StartRun {
  seconds: number;
  /** By the kind of the process. */
  memory: Record<string, Memory>;
}

async function measure(bench: Bench): Promise<Figure[]> {
  await bench.stop();
  const home = makeTempFolder('maru-start-');
  try {
    const ports = await portsInEnv();
    bench.options.say('the first start, which makes the data');
    await startOnce(home, ports, 0);
    const runs = await bench.repeat('start', () => startOnce(home, ports, idleSeconds), mostRuns);
    const note = runs.length < bench.options.runs ? `${runs.length} runs` : undefined;
    return figures(runs).map((figure) => ({ ...figure, ...(note !== undefined && { note }) }));
  } finally {
    removeFolder(home);
  }
}

/** What `npm start` runs, until it says that it is ready; then idle for so long. */
async function startOnce(home: string, ports: NodeJS.ProcessEnv, idle: number): Promise<StartRun> {
  const logFile = path.join(home, 'start.log');
  rmSync(logFile, { force: true });
  const own = { MARU_HOME: home, KAFKA_BROKERS: '', DATABASE_URL: '', NODE_ENV: 'development' };
  const args = ['node_modules/tsx/dist/cli.mjs', 'libs/stack/src/main.ts', 'start'];
  const env = { ...process.env, ...own, ...ports };
  const maru = new ManagedProcess({
    name: 'npm start',
    spec: () => ({ command: process.execPath, args, cwd: root, env, logFile }),
    isReady: () => Promise.resolve(readFileSync(logFile, 'utf8').includes('Maru is ready')),
    readyWithinMs: 300_000,
    stopSignal: 'SIGTERM',
    stopWithinMs: 20_000,
  });
  const began = performance.now();
  try {
    await maru.start();
    const seconds = (performance.now() - began) / 1000;
    await pause(idle * 1000);
    return { seconds, memory: memoryByKind(home, maru.pid ?? 0) };
  } finally {
    await maru.stop();
  }
}

async function portsInEnv(): Promise<NodeJS.ProcessEnv> {
  const env: NodeJS.ProcessEnv = {};
  for (const { env: name } of Object.values(portSettings)) env[name] = String(await freePort());
  return env;
}

function memoryByKind(home: string, command: number): Record<string, Memory> {
  const processes = readRunFile(home)?.processes ?? [];
  const all = processes.map(({ name, pid }): [string, Memory] => [name, memoryOf(treesOf([pid]))]);
  const pids = processes.map(({ pid }) => pid);
  return { ...Object.fromEntries(all), 'npm start itself': memoryOf(treesOf([command], pids)) };
}

function figures(runs: StartRun[]): Figure[] {
  const kinds = Object.keys(runs[0]?.memory ?? {});
  const megabytes = (name: string, of: (run: StartRun) => number): Figure => ({
    name: `memory after ${idleSeconds} s of nothing, ${name}`,
    unit: 'MB',
    ours: spread(runs.map((run) => of(run) / 1e6)),
  });
  const sum = (key: keyof Memory) => (run: StartRun) =>
    Object.values(run.memory).reduce((all, memory) => all + memory[key], 0);
  return [
    { name: 'start with data there', unit: 's', ours: spread(runs.map(({ seconds }) => seconds)) },
    { ...megabytes('all (PSS)', sum('pss')), target: { goal: 1200, floor: 2000 } },
    megabytes('all (RSS)', sum('rss')),
    ...kinds.map((kind) => megabytes(`${kind} (PSS)`, ({ memory }) => memory[kind]?.pss ?? NaN)),
  ];
}
