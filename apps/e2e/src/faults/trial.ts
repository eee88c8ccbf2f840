import { kafkaConfig, kafkaConfigFrom, TopicsAdmin } from '@maru/kafka-client';
import type { CheckStack, Fault } from '../check/check-stack';
import type { Finding } from '../support/judge';
import type { Maru } from '../support/maru';
import { Load, type Summary } from './load';

export type Trial = Summary & { fault: string; findings: Finding[] };

/** As the faults of a check know it. */
export function checkStackOf(maru: Maru): CheckStack {
  const { urls, processes } = maru;
  const { brokers } = maru.run;
  return { urls, brokers, processes, read: () => maru.run, stop: () => maru.stop(), ours: true };
}

/**
 * Throws a fault into a load that flows, waits until it flows again, and holds all against history. `turn` of three
 * chooses among several processes of a kind.
 */
export async function trial(maru: Maru, fault: Fault, turn = 0): Promise<Trial> {
  await maru.ready();
  const load = await Load.start(maru);
  try {
    load.watchSilence();
    await fault.throw(checkStackOf(maru), () => turn / 3);
    await load.flows();
    const summary = await load.stop();
    await maru.ready();
    return { fault: fault.kind, ...summary, findings: await load.verdict() };
  } finally {
    load.close();
  }
}

/** The cluster id as the brokers tell it now. */
export async function clusterIdOf(maru: Maru): Promise<string> {
  const env = kafkaConfig.parse({ KAFKA_BROKERS: maru.run.brokers.join() });
  const admin = new TopicsAdmin(kafkaConfigFrom(env, 'e2e'));
  try {
    return await admin.clusterId();
  } finally {
    await admin.stop();
  }
}

/** A line a trial, past Jest, which would put a stack under each. */
export function printTrials(trials: readonly Trial[]): void {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`.padStart(8);
  const rows = trials.map(
    ({ fault, acked, longestSilenceMs, slowestAnswerMs }) =>
      `${fault.padEnd(44)} ${String(acked).padStart(7)} ${seconds(longestSilenceMs)} ${seconds(slowestAnswerMs)}`,
  );
  const title = `${'fault'.padEnd(44)} ${'acked'.padStart(7)}  silence   answer`;
  process.stdout.write(
    `\n${[title, ...rows].join('\n')}\n(silence: the longest of any room for any member; answer: the slowest, over its resends)\n`,
  );
}
