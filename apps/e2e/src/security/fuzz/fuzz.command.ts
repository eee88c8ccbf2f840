import { parseArgs } from 'node:util';
import { inspected } from '../../support/garbage';
import { startMaru } from '../../support/maru';
import { fuzz } from './fuzz';
import { harm, printed } from './report';

const usage = `npm run fuzz -- [options]
  --frames 5000    bad frames over sockets
  --records 5000   bad records on Kafka
  --seed 1         the same frames and records for the same seed`;

/** Starts a Maru of its own, attacks it and says how it stood; ends with code 1 when it did harm. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      frames: { type: 'string', default: '5000' },
      records: { type: 'string', default: '5000' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(usage);
  const [frames, records, seed] = [values.frames, values.records, values.seed].map(Number) as [
    number,
    number,
    number,
  ];
  if (![frames, records, seed].every((number) => Number.isSafeInteger(number) && number >= 0))
    throw new Error(usage);
  const maru = await startMaru({ env: { ...inspected, DELIVERY: 'routed' } });
  try {
    const say = (progress: string) => process.stderr.write(`\r${progress}   `);
    const report = await fuzz(maru, { frames, records, seed, say });
    const done = harm(report);
    console.log(['', printed(report), ...done.map((line) => `HARM: ${line}`)].join('\n'));
    if (done.length > 0) process.exitCode = 1;
  } finally {
    await maru.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
