import { openDatabase, sql } from '@maru/postgres';
import type { RunFile } from '@maru/stack';
import type { Bench } from './bench';
import { type CpuByName, cpuOfEach } from './cpu';
import { LogLoad } from './log-load';
import { cpuFigures, type Figure } from './report';
import type { Row } from './row';
import { spread } from './statistics';

export const committedRow: Row = {
  name: 'committed',
  about: 'messages decided and committed, as many as the machine bears',
  measure,
};

interface CommittedRun {
  committedASecond: number;
  cpuMs: CpuByName;
}

async function measure(bench: Bench): Promise<Figure[]> {
  const { brokers, processes, databaseUrl } = (await bench.maru()).run;
  const load = new LogLoad(brokers);
  await load.start();
  try {
    await load.run(2);
    const runs = await bench.repeat('committed', () => committed(load, bench.options.seconds, processes));
    await mustBeStored(load, databaseUrl);
    const rates = spread(runs.map(({ committedASecond }) => committedASecond));
    const target = { goal: 50_000, floor: 20_000 };
    return [{ name: 'committed messages/s', unit: '/s', ours: rates, target }, ...cpuFigures(runs, 'µs')];
  } finally {
    await load.stop();
  }
}

async function committed(
  load: LogLoad,
  seconds: number,
  processes: RunFile['processes'],
): Promise<CommittedRun> {
  const [cpuMs, own, start] = [cpuOfEach(processes), process.cpuUsage(), performance.now()];
  const messages = await load.run(seconds);
  const took = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(own);
  const loadMs = (user + system) / 1000 / messages;
  return { committedASecond: messages / took, cpuMs: { ...cpuMs(messages), 'the load itself': loadMs } };
}

/** An answer is a claim; here the store is asked. */
async function mustBeStored(load: LogLoad, databaseUrl: string): Promise<void> {
  const url = new URL(databaseUrl);
  url.pathname = '/maru_chat';
  const settings = { poolSize: 2, statementTimeoutMs: 60_000, applicationName: 'bench' };
  const store = openDatabase({ url: url.href, ...settings });
  try {
    for (const { roomId, seq, messages } of load.places()) {
      const { rows } = await sql<{ events: number; last: number; messages: number }>`
        select count(*)::int as events, max(seq) as last, count(client_id)::int as messages
        from events where room_id = ${roomId}`.execute(store);
      const [found] = rows;
      if (found?.events !== seq || found.last !== seq || found.messages !== messages)
        throw new Error(`${roomId} should hold ${messages} messages up to ${seq}: ${JSON.stringify(found)}`);
    }
  } finally {
    await store.destroy();
  }
}
