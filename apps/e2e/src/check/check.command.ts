import { randomInt } from 'node:crypto';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { stopAsked } from '@maru/stack';
import { check } from './check';
import type { CheckStack } from './check-stack';
import { faultsOf } from './faults/catalogue';
import { plan } from './faults/plan';
import { startWeakStack } from './faults/weak-stack';
import { Random } from './random';
import { lastLine, report } from './report';
import { distantStack, startedStack } from './stacks';

const usage = `npm run check -- [options]
  --minutes 2         how long the clients are at it
  --seed N            decides every choice; a new one is drawn and printed when left out
  --users 12          users, with one or two clients each
  --rooms 8           rooms
  --history cql       with a Maru of its own: old history in a Cassandra, of which each room keeps 20 events in PostgreSQL
  --upgrade FOLDER    another build of the apps, as dist/apps: the only fault is that all are upgraded to it in turn, and back
  --url URL           a gateway of a Maru that runs anywhere (several: one --url each); no faults are thrown
  --brokers LIST      its Kafka brokers, host:port, comma-separated; with --url
Without --url it checks the Maru that \`npm start\` runs from this folder, and throws faults into it;
when none runs it starts one of its own with 2 gateways, 2 writers and 3 brokers.`;

interface Asked {
  minutes: number;
  seed: number;
  users: number;
  rooms: number;
  history: 'cql' | undefined;
  otherBuild: string | undefined;
  urls: string[];
  brokers: string[];
}

/** Ends with 0 when every promise held, 1 when one did not, and 2 when the check could not be carried through. */
async function main(): Promise<number> {
  const asked = read();
  if (asked === undefined) {
    console.log(usage);
    return 0;
  }
  const stopped = stopAsked();
  const stack = await Promise.race([stackOf(asked), stopped]);
  // What of it has begun ends with this process.
  if (stack === 'stop') throw new Error('Stopped before it began');
  try {
    const say = (text: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
    console.log(`seed ${asked.seed}: ${stack.urls.join(' and ')}`);
    const all = stack.builds ? [stack.builds.upgradeAndBack()] : faultsOf(stack);
    const faults = plan(all, new Random(asked.seed).next, asked.minutes);
    const result = await Promise.race([check(stack, { ...asked, faults, say }), stopped]);
    if (result === 'stop') throw new Error('Stopped before its end');
    console.log(`\n${report(result)}\n\n${lastLine(result)}`);
    return result.findings.length === 0 ? 0 : 1;
  } finally {
    await stack.stop();
  }
}

async function stackOf({ urls, brokers, otherBuild, history }: Asked): Promise<CheckStack> {
  if (urls.length > 0) return distantStack(urls, brokers);
  const started = otherBuild === undefined && history === undefined ? startedStack() : undefined;
  if (started) return started;
  process.stderr.write('No Maru runs from this folder: one is started for the check\n');
  return startWeakStack({ otherBuild, history });
}

function read(): Asked | undefined {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      minutes: text,
      seed: text,
      users: text,
      rooms: text,
      history: text,
      upgrade: text,
      url: { type: 'string', multiple: true, default: [] },
      brokers: text,
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const brokers = values.brokers?.split(',').map((broker) => broker.trim()) ?? [];
  if ((values.url.length === 0) !== (brokers.length === 0))
    throw new Error(`--url and --brokers belong together.\n${usage}`);
  const { history } = values;
  if (history !== undefined && (history !== 'cql' || values.url.length > 0))
    throw new Error(`--history takes cql, and no --url beside it.\n${usage}`);
  return {
    history,
    otherBuild: values.upgrade === undefined ? undefined : path.resolve(values.upgrade),
    minutes: number('minutes', values.minutes ?? '2', 0.1, 24 * 60),
    seed: number('seed', values.seed ?? String(randomInt(1, 2 ** 31)), 0, 2 ** 31),
    users: number('users', values.users ?? '12', 2, 500),
    rooms: number('rooms', values.rooms ?? '8', 2, 100),
    urls: values.url,
    brokers,
  };
}

function number(flag: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text !== '' && value >= least && value <= most) return flag === 'minutes' ? value : Math.floor(value);
  throw new Error(`--${flag} takes a number from ${least} to ${most}, not "${text}".\n${usage}`);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    console.log('check could not be carried through: nothing was judged');
    process.exit(2);
  },
);
