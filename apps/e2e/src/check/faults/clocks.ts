import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pause, until } from '../../support/until';
import type { CheckStack } from '../check-stack';
import type { CatalogueFault } from './catalogue';
import { appsIn, type Kind, namesOf, pick, recorded, runOf } from './processes';

const wrongByMs = 600_000;
const seconds = 10;

/** What the apps are started with, so that their clocks can be set wrong. */
export function clockSettings(folder: string): NodeJS.ProcessEnv {
  return { NODE_OPTIONS: `--require=${path.join(__dirname, 'clock.preload.ts')}`, CHECK_CLOCKS: folder };
}

/** An app's clock that is ten minutes fast or slow for a while, then right again. */
export function clocks(stack: CheckStack, folder: string): CatalogueFault[] {
  return appsIn(runOf(stack)).map((kind) => ({
    kind: `${kind}'s clock off by 10 min`,
    minSeconds: seconds,
    times: 1,
    throw: (on, random) => setWrong(on, kind, folder, random),
  }));
}

async function setWrong(stack: CheckStack, kind: Kind, folder: string, random: () => number): Promise<void> {
  const name = pick(namesOf(runOf(stack), kind), random);
  const { pid } = await recorded(stack, name);
  const by = random() < 0.5 ? -wrongByMs : wrongByMs;
  await setClock(folder, pid, by);
  try {
    await pause(seconds * 1000);
  } finally {
    await setClock(folder, pid, 0);
  }
}

/** Resolves when the process goes by the new time. */
export async function setClock(folder: string, pid: number, wrongBy: number): Promise<void> {
  const file = path.join(folder, String(pid));
  writeFileSync(file, String(wrongBy));
  const taken = () =>
    existsSync(`${file}.taken`) && Number(readFileSync(`${file}.taken`, 'utf8')) === wrongBy;
  await until(`process ${pid} goes by the new time`, taken, 5_000);
}
