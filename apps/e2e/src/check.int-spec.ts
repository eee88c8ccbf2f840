import { spawn } from 'node:child_process';
import path from 'node:path';
import { type RoomEvent, topics } from '@maru/contracts';
import { ConsumerService, ProducerService } from '@maru/kafka-client';
import { check, type CheckResult } from './check/check';
import type { CheckStack } from './check/check-stack';
import { identityOf, kafkaOf } from './check/identity';
import { faultsOf } from './check/faults/catalogue';
import { fullRunMinutes, plan } from './check/faults/plan';
import { startWeakStack } from './check/faults/weak-stack';
import { Random } from './check/random';
import { lastLine, report } from './check/report';

/** The short form: 45 seconds of it, with the faults that the seed draws: the same each time, `npm run check` draws others. */
const seed = Number(process.env.MARU_SEED ?? 2136291151);
const minutes = 0.75;

let stack: CheckStack;
beforeAll(async () => {
  stack = await startWeakStack();
}, 180_000);
afterAll(() => stack.stop());

describe('two gateways, two writers and three brokers under a random crowd', () => {
  let result: CheckResult;

  it('keep every promise while faults are thrown', async () => {
    const faults = plan(faultsOf(stack), new Random(seed).next, minutes);
    expect(faults.length).toBeGreaterThan(0);
    result = await check(stack, { seed, minutes, faults });
    process.stdout.write(`\nseed ${seed}\n${report(result)}\n${lastLine(result)}\n`);
    expect(result.findings).toEqual([]);
    expect(result.rounds.length).toBeGreaterThan(0);
  }, 360_000);

  it('have time within half an hour for every fault as often as it should be thrown', () => {
    const all = faultsOf(stack);
    expect(all.reduce((sum, { times }) => sum + times, 0)).toBeGreaterThanOrEqual(50);
    expect(fullRunMinutes(all)).toBeLessThanOrEqual(27);
  });

  it('were asked for nearly everything that a client can do', () => {
    const { operations, clients } = result.world;
    expect(operations.size).toBeGreaterThanOrEqual(12);
    const records = clients.map(({ record }) => record);
    const outcomes = records.flatMap(({ sent }) => sent.map(({ outcome }) => outcome.kind));
    expect(outcomes.filter((kind) => kind === 'acked').length).toBeGreaterThan(100);
    expect(outcomes).toContain('refused');
    for (const whats of [
      ['join', 'add'],
      ['leave', 'remove'],
    ]) {
      const asked = records.flatMap((record) => record.asked.filter(({ what }) => whats.includes(what)));
      expect(asked.map(({ outcome }) => outcome.kind)).toContain('acked');
    }
    expect(records.some(({ views }) => [...views.values()].some(({ resumed }) => resumed.length > 0))).toBe(
      true,
    );
  });

  it('are not taken for another cluster', async () => {
    const run = stack.read();
    if (!run) throw new Error('not ours');
    const read = () => ({ ...run, clusterId: 'AnotherClusterAltogether' });
    await expect(identityOf({ brokers: stack.brokers, read })).rejects.toThrow('not AnotherCluster');
  });

  it('are checked from outside and by their run.json; the last line and the exit code say how it went', async () => {
    // Both at once, as each has a crowd of its own.
    const seeded = [...short, '--seed', '5'];
    const checks = await Promise.all([
      run([...seeded, ...doorsOf(stack)]),
      run(seeded, { MARU_HOME: stack.home }),
    ]);
    for (const { code, output } of checks) {
      expect(output.split('\n', 1)).toEqual([`seed 5: ${stack.urls.join(' and ')}`]);
      expect(output).toMatch(
        /\ncheck passed: every promise held \(seed 5, \d+ s, 0 faults, \d+ clients\)\n$/,
      );
      expect(code).toBe(0);
    }
  }, 120_000);

  it('are found out when members see what is not in the history, which the last line and the exit code say', async () => {
    const forger = await forge(stack);
    const { code, output } = await run([...short, ...doorsOf(stack)]);
    await forger.stop();
    expect(output).toMatch(/^(changed|invented): /m);
    expect(output).toMatch(/\ncheck FAILED: \d+ findings: [a-z, ]+ \(seed \d+, .*\)\n$/);
    expect(code).toBe(1);
  }, 120_000);

  it('are not judged when the check cannot be carried through', async () => {
    const { code, output } = await run(['--url', 'http://127.0.0.1:9']);
    expect(output).toContain('nothing was judged');
    expect(code).toBe(2);
  }, 60_000);
});

/** Too short for any fault. */
const short = ['--minutes', '0.1', '--users', '4', '--rooms', '3'];

const doorsOf = ({ urls, brokers }: CheckStack): string[] => [
  ...urls.flatMap((url) => ['--url', url]),
  ...['--brokers', brokers.join()],
];

/**
 * Puts an event that never happened on `chat.events`, at its room's next seq, after each of the messages with which a check
 * ends a room's history: so everybody still hears who is in and who is out, and no check waits for it.
 */
async function forge(stack: CheckStack): Promise<{ stop: () => Promise<void> }> {
  const config = kafkaOf(stack);
  const [producer, consumer] = [new ProducerService(config), new ConsumerService(config)];
  await producer.start();
  await consumer.subscribe({
    group: `forger.${Date.now()}`,
    topics: [topics.chatEvents],
    worker: async (queue) => {
      for (;;)
        for (const { key, value, headers } of await queue.next(100)) {
          const event = JSON.parse(String(value)) as RoomEvent;
          if (key === undefined || event.type !== 'message' || event.text !== 'the last line') continue;
          const forged = { ...event, id: `not-${event.id}`, text: 'Nobody said it', seq: event.seq + 1 };
          await producer.send({ topic: topics.chatEvents, key, headers, value: JSON.stringify(forged) });
        }
    },
  });
  const stop = async () => {
    await consumer.stop();
    await producer.stop();
  };
  return { stop };
}

function run(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; output: string }> {
  const command = path.join(__dirname, 'check/check.command.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', command, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}
