import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Bench } from './bench';
import { machine, table } from './report';
import { rows } from './rows';

const usage = `npm run bench -- [options]
  --only ROW       one row; may be given several times. All of them when left out:
${rows.map(({ name, about }) => `    ${name.padEnd(15)}${about}`).join('\n')}
  --seconds 10     how long each run is measured
  --runs 5         runs of each row; the median is printed with the range
  --members 1000   members of the fan-out's room
  --window 256     messages that may be under way to the slowest member of the fan-out
  --scale 1        part of the connections and messages that rows with very many of them take: 0.05 to try them
  --json FILE      the figures as JSON as well`;

/** Starts a Maru of its own on this machine, measures it, and prints one table. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      seconds: { type: 'string', default: '10' },
      runs: { type: 'string', default: '5' },
      members: { type: 'string', default: '1000' },
      window: { type: 'string', default: '256' },
      scale: { type: 'string', default: '1' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(usage);
  const { only } = values;
  const number = (text: string) => Math.max(1, Math.floor(Number(text)));
  if (
    only.some((name) => !rows.some((row) => row.name === name)) ||
    ![values.seconds, values.runs, values.members, values.window, values.scale].every(Number)
  )
    throw new Error(usage);
  const runs = number(values.runs);
  const bench = new Bench({
    seconds: number(values.seconds),
    runs,
    members: number(values.members),
    window: number(values.window),
    scale: Number(values.scale),
    say: (text) => process.stderr.write(`${text}\n`),
  });
  try {
    const figures = await bench.run(rows.filter(({ name }) => only.length === 0 || only.includes(name)));
    const about = machine();
    console.log(table(about, runs, figures));
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
