import { readFileSync } from 'node:fs';
import type { Figure, Machine } from './report';
import { type Assumptions, ScaleModel, type Size, sizeFor } from './scale-model';

const usage = `npm run scale-model -- FILE
FILE is what npm run bench -- --only gateways --json FILE has written.`;

const assumed: Omit<Assumptions, 'connections'> = {
  messagesAnHour: 6,
  members: 5,
  connectionsAGateway: 20_000,
  busy: 0.5,
  bytes: 400,
  replicas: 3,
  passedSeconds: 2,
  commitsASecond: 20_000,
  commitCpus: 2,
  dollarsACpuHour: 0.04,
  dollarsAGigabyteMonth: 0.08,
};
const sizes = [1e6, 1e8];
/** How far a prediction may lie from what was measured. */
const tolerance = 0.2;

/** Prints what the model predicts of 8 gateways beside what was measured, and what a million and a hundred million connections take. */
function main([file]: string[]): void {
  if (file === undefined) throw new Error(usage);
  const { commit, at, figures } = JSON.parse(readFileSync(file, 'utf8')) as Machine & { figures: Figure[] };
  const model = ScaleModel.of(figures);
  const predictions = model.predictions().map(({ name, unit, predicted, measured }) => {
    const off = predicted / measured - 1;
    const word = Math.abs(off) <= tolerance ? '' : 'beyond 20 %';
    return [name, short(predicted, unit), short(measured, unit), `${(off * 100).toFixed(0)} %`, word];
  });
  const rows = sizes.map((connections) => sizeFor(model, { ...assumed, connections }));
  console.log(
    [
      `commit ${commit}, ${at}`,
      ...columns([['', 'predicted from 2 and 4', 'measured', '', ''], ...predictions]),
      '',
      `Assumed: ${JSON.stringify(assumed)}`,
      ...columns([
        ['connections', ...sizes.map((size) => size.toLocaleString('en-GB'))],
        ...lines.map(([name, of]) => [name, ...rows.map((row) => short(of(row), ''))]),
      ]),
    ].join('\n'),
  );
}

const lines: [string, (size: Size) => number][] = [
  ['messages/s', (size) => size.messagesASecond],
  ['gateways', (size) => size.gateways],
  ['broadcast: CPUs that each gateway takes to read all', (size) => size.broadcastShare],
  ['routed: gateways that read a message', (size) => size.copies],
  ['routed: CPUs of all gateways', (size) => size.gatewayCpus],
  ['routed: CPUs of all routers', (size) => size.routerCpus],
  ['routed: CPUs of all brokers', (size) => size.kafkaCpus],
  ['CPUs of api-chat and PostgreSQL', (size) => size.storeCpus],
  ['partitions of chat.events', (size) => size.partitions],
  ['records/s by which routers say what has passed', (size) => size.passedASecond],
  ['PostgreSQL servers that commit', (size) => size.stores],
  ['MB/s that brokers write', (size) => size.megabytesASecond],
  ['TB of messages a year, once', (size) => size.terabytesAYear],
  ['$ a month for CPUs and a year of messages', (size) => size.dollarsAMonth],
];

function columns(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function short(value: number, unit: string): string {
  const number =
    value >= 100 ? Math.round(value).toLocaleString('en-GB') : value.toFixed(value >= 10 ? 1 : 2);
  return unit === '' ? number : `${number} ${unit}`;
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
