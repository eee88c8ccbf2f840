import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import type { CpuByName } from './cpu';
import { spread, type Spread, TimeHistogram } from './statistics';

/** A line of the table. */
export interface Figure {
  name: string;
  unit: string;
  /** Left out where it is only a peer that was measured, or nothing could be. */
  ours?: Spread;
  /** A bare Socket.IO server doing the same. */
  bare?: Spread;
  /** Two Socket.IO servers with the Redis streams adapter doing the same. */
  redis?: Spread;
  /** What is aimed at, and what has to hold: at least or at most, as the unit has it. */
  target?: { goal: number; floor: number };
  /** Said at the end of the line: fewer runs than the others, or why something is left out. */
  note?: string;
}

export interface Machine {
  commit: string;
  node: string;
  cpu: string;
  at: string;
}

export function machine(): Machine {
  const all = cpus();
  const git = (...args: string[]) => execFileSync('git', args, { cwd: __dirname, encoding: 'utf8' }).trim();
  let commit = 'unknown';
  try {
    commit = `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '-uno') === '' ? '' : ', changed'}`;
  } catch {
    // No checkout.
  }
  return {
    commit,
    node: process.version,
    cpu: `${all.length} × ${all[0]?.model ?? '?'}`,
    at: new Date().toISOString(),
  };
}

/** Medians with the range of the runs; a page that stands for itself. */
export function table({ commit, node, cpu, at }: Machine, runs: number, figures: readonly Figure[]): string {
  const rows = figures.map(({ name, unit, ours, bare, redis, target, note }) => [
    name,
    withRange(ours, unit),
    withRange(bare, unit),
    withRange(redis, unit),
    multiple(ours, bare),
    target ? `${short(target.goal)} / ${short(target.floor)}` : '',
    note ?? '',
  ]);
  const head = ['', 'Maru', 'bare Socket.IO', 'Socket.IO + Redis', 'Maru : bare', 'goal / floor', ''];
  // A column that nobody has is no column.
  const columns = [...head.keys()].filter((at) => at < 2 || rows.some((row) => row[at] !== ''));
  const all = [head, ...rows].map((row) => columns.map((at) => row[at] ?? ''));
  const widths = columns.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [
    `commit ${commit}, Node ${node}, ${cpu}, ${at}`,
    'All on this machine: members, senders, gateway, writer, broker and store.',
    `Medians of ${runs} runs (range). Fan-out: each member a user who signed up and has one connection; 10 stock clients,`,
    'the others light ones that count and check order; both servers are sent the same by the same clients. CPU of',
    'one side is that of the process that holds the connections, taking messages in included; the paced rows show it unsaturated.',
    'A peer is started fresh for each run and has that run alone to warm up in; Maru is the same in all runs of a row, and of',
    'most rows, so its compiled code is warmer (the gateway of idle and storm is fresh for each run too).',
    '',
    ...lines,
  ].join('\n');
}

/** A line for each process: what a message cost it. */
export function cpuFigures(runs: { cpuMs: CpuByName }[], unit: 'ms' | 'µs'): Figure[] {
  return Object.keys(runs[0]?.cpuMs ?? {}).map((name) => ({
    name: `CPU a message meanwhile, ${name}`,
    unit,
    ours: spread(runs.map(({ cpuMs }) => (cpuMs[name] ?? 0) * (unit === 'µs' ? 1000 : 1))),
  }));
}

/** Ours by the bare server's, of the medians: of times and costs the smaller is the better one. */
function multiple(ours: Spread | undefined, bare: Spread | undefined): string {
  const of = (ours?.median ?? NaN) / (bare?.median ?? NaN);
  return Number.isFinite(of) && of > 0 ? `${short(of)} ×` : '';
}

function withRange(spread: Spread | undefined, unit: string): string {
  if (!spread) return '';
  const { median, min, max } = spread;
  // Only a time that is too long to be counted has no end.
  const shown = (value: number) =>
    unit === 'ms' && value === Infinity ? `> ${short(TimeHistogram.mostMs)}` : short(value);
  return `${shown(median)}${unit === '' || unit.startsWith('/') ? unit : ` ${unit}`} (${shown(min)}–${shown(max)})`;
}

function short(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en-GB');
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
