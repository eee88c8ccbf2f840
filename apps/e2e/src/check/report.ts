import type { Finding } from '../support/finding';
import type { Sent } from '../support/record';
import type { CheckResult } from './check';
import { answered, answeredOf, backAfterMs, goals, percent } from './goals';
import type { Round } from './round';

const shown = 30;
const number = (value: number): string => value.toLocaleString('en');
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** The table of a check, and what was found. */
export function report(result: CheckResult): string {
  const { world, rounds, findings } = result;
  const done = [...world.operations].sort(([, a], [, b]) => b - a);
  const total = done.reduce((sum, [, count]) => sum + count, 0);
  const parts = done.map(([name, count]) => `${name} ${number(count)}`).join(', ');
  const sent = sentOf(result);
  const outcomes = (kind: string) => sent.filter(({ outcome }) => outcome.kind === kind).length;
  const found = (...kinds: Finding['kind'][]) => findings.filter(({ kind }) => kinds.includes(kind)).length;
  const rows: [string, string][] = [
    ['clients, users, rooms', `${world.clients.length}, ${world.users.length}, ${world.rooms.length}`],
    ['operations', `${number(total)} (${parts})`],
    ['faults', number(rounds.length)],
    ['events in history', number(result.events)],
    ['acked', number(outcomes('acked'))],
    ['refused', number(outcomes('refused'))],
    ['unknown', number(outcomes('unknown'))],
    ['lost', number(found('lost'))],
    ['doubled', number(found('doubled'))],
    ['disordered', number(found('disordered'))],
    ['other findings', number(findings.length - found('lost', 'doubled', 'disordered'))],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  const named = findings.slice(0, shown).map(({ kind, text }) => `${kind}: ${text}`);
  if (findings.length > shown) named.push(`… and ${findings.length - shown} more`);
  return [...lines, ...faultTable(rounds, sent), '', ...named, goals(rounds, sent)].join('\n');
}

/** What the exit code says as well. */
export function lastLine({ seed, seconds: took, findings, rounds, world }: CheckResult): string {
  const how = `seed ${seed}, ${Math.round(took)} s, ${rounds.length} faults, ${world.clients.length} clients`;
  if (findings.length === 0) return `check passed: every promise held (${how})`;
  const kinds = [...new Set(findings.map(({ kind }) => kind))].join(', ');
  return `check FAILED: ${findings.length} findings: ${kinds} (${how})`;
}

const sentOf = ({ world }: Pick<CheckResult, 'world'>): Sent[] =>
  world.clients.flatMap(({ record }) => record.sent);

function faultTable(rounds: readonly Round[], sent: readonly Sent[]): string[] {
  if (rounds.length === 0) return [];
  const kinds = [...new Set(rounds.map(({ kind }) => kind))];
  const width = Math.max(...kinds.map((kind) => kind.length));
  const title = `${'fault'.padEnd(width)}  times  longest silence  service back  sends meanwhile  answered 30 s after`;
  const rows = kinds.map((kind) => {
    const same = rounds.filter((round) => round.kind === kind);
    const silence = seconds(Math.max(...same.map(({ silenceMs }) => silenceMs)));
    const back = seconds(Math.max(...same.map((round) => backAfterMs(round, sent))));
    const of = same.reduce((sum, round) => sum + answered(round, sent).of, 0);
    const share = answeredOf(same, sent);
    const cells = [
      String(same.length).padStart(5),
      silence.padStart(15),
      back.padStart(12),
      number(of).padStart(15),
      (share === undefined ? '-' : percent(share)).padStart(19),
    ];
    return `${kind.padEnd(width)}  ${cells.join('  ')}`;
  });
  return ['', title, ...rows];
}
