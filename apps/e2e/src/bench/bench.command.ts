import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Bench, type RowName, rowNames } from './bench';
import { machine, table } from './report';

const usage = `npm run bench -- [options]
  --rows ${rowNames.join(',')}   only these
  --seconds 10     how long each run is measured
  --runs 3         runs of each row; the median is printed with the range
  --members 1000   members of the fan-out's room
  --window 256     messages that may be under way to the slowest member of the fan-out
  --json FILE      the figures as JSON as well`;

/** Starts a Maru of its own on this machine, measures it, and prints one table. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: rowNames.join() },
      seconds: { type: 'string', default: '10' },
      runs: { type: 'string', default: '3' },
      members: { type: 'string', default: '1000' },
      window: { type: 'string', default: '256' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(usage);
  const rows = values.rows.split(',') as RowName[];
  const number = (text: string) => Math.max(1, Math.floor(Number(text)));
  if (
    rows.some((row) => !rowNames.includes(row)) ||
    ![values.seconds, values.runs, values.members, values.window].every(Number)
  )
    throw new Error(usage);
  const bench = new Bench({
    seconds: number(values.seconds),
    runs: number(values.runs),
    members: number(values.members),
    window: number(values.window),
    say: (text) => process.stderr.write(`${text}\n`),
  });
  try {
    const figures = await bench.run(rows);
    const about = machine();
    console.log(table(about, figures));
    if (values.json !== undefined)
      writeFileSync(values.json, `${JSON.stringify({ ...about, figures }, null, 2)}\n`);
  } finally {
    await bench.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
