import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import type { Spread } from './statistics';

export interface Figure {
  name: string;
  unit: string;
  ours: Spread;
  /** A bare Socket.IO server doing the same. */
  bare?: Spread;
  /** Ours by the bare server's, of the medians. */
  ratio?: number;
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
export function table({ commit, node, cpu, at }: Machine, figures: readonly Figure[]): string {
  const rows = figures.map(({ name, unit, ours, bare, ratio }) => [
    name,
    withRange(ours, unit),
    bare ? withRange(bare, unit) : '',
    ratio === undefined ? '' : `${ratio.toFixed(1)} ×`,
  ]);
  const all = [['', 'Maru', 'bare Socket.IO', ''], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [
    `commit ${commit}, Node ${node}, ${cpu}, ${at}`,
    'All on this machine: members, senders, gateway, writer, broker and store.',
    'Medians of the runs (range). Fan-out: each member a user who signed up and has one connection; 10 stock clients,',
    'the others light ones that count and check order; both servers are sent the same by the same clients. CPU of',
    'one side is that of the process that holds the connections, taking messages in included; the paced rows show it unsaturated.',
    '',
    ...lines,
  ].join('\n');
}

function withRange({ median, min, max }: Spread, unit: string): string {
  return `${short(median)}${unit === '' || unit.startsWith('/') ? unit : ` ${unit}`} (${short(min)}–${short(max)})`;
}

function short(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en-GB');
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
