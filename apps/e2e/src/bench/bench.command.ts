import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type AppName, appNames, makeTempFolder } from '@maru/stack';
import { Bench } from './bench';
import { profileReport } from './profile';
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
  --json FILE      the figures as JSON as well
  --profile APPS   where these spend their CPU time, after the table: one or more of ${appNames.join(',')}`;

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
      profile: { type: 'string' },
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
  const profile = profileOf(values.profile);
  const bench = new Bench({
    seconds: number(values.seconds),
    runs,
    members: number(values.members),
    window: number(values.window),
    scale: Number(values.scale),
    ...(profile && { profile }),
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
  // They are written when the apps end.
  for (const app of profile?.apps ?? [])
    console.log(`\n${profileReport(path.join(profile?.folder ?? '', app), bench.spans)}`);
}

/** The folder stays, for tools that show profiles. */
function profileOf(list: string | undefined): { apps: AppName[]; folder: string } | undefined {
  if (list === undefined) return undefined;
  const apps = list.split(',') as AppName[];
  if (apps.some((app) => !appNames.includes(app))) throw new Error(usage);
  return { apps, folder: makeTempFolder('maru-profiles-') };
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
