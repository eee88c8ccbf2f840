import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parseIrcLog } from './irc-log';
import { ProgressBar } from './progress-bar';
import { replay } from './replay';

const usage =
  'npm run replay-log -- FILE [--url http://127.0.0.1:3310] (several --url: one for each gateway)';

/** Replays an IRC log into a new public room of a Maru that runs, and says what became of it. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { url: { type: 'string', multiple: true, default: ['http://127.0.0.1:3310'] } },
  });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) throw new Error(usage);
  const lines = parseIrcLog(readFileSync(file, 'utf8'));
  const bar = new ProgressBar();
  const start = performance.now();
  const { roomId, clients, outcomes } = await replay(lines, {
    name: path.basename(file).slice(0, 64),
    urls: values.url,
    onProgress: (progress) => bar.show(progress),
  });
  for (const client of clients.values()) client.drop();
  const count = (kind: string) => [...outcomes.values()].filter((outcome) => outcome.kind === kind).length;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(
    `${clients.size} people, ${count('acked')} messages in room ${roomId} in ${seconds} s; ` +
      `${count('refused')} refused, ${count('unknown')} without an answer`,
  );
  if (count('unknown') > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  const { message, cause } = error as Error & { cause?: Error };
  console.error(cause ? `${message}: ${cause.message}` : message);
  process.exitCode = 1;
});
