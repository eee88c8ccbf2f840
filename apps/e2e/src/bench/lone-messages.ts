import { randomUUID } from 'node:crypto';
import type { Maru } from '../support/maru';
import { CommandLog } from './command-log';
import { type PageTimes, percentiles } from './page-reader';

export interface LoneMessages extends PageTimes {
  /** Of the store's part alone, the mean. */
  commitMs: number;
}

/** One message after the other, each when the one before is answered: a batch of one command each. */
export async function loneMessages(maru: Maru, seconds: number): Promise<LoneMessages> {
  const log = await CommandLog.open(maru.run.brokers);
  const [roomId, userId] = [randomUUID(), randomUUID()];
  try {
    const asked = { roomId, userId };
    await log.ask({
      type: 'createRoom',
      ...asked,
      id: 'r',
      name: 'Lone',
      visibility: 'public',
      memberIds: [],
    });
    const before = await commits(maru);
    const times: number[] = [];
    for (const start = performance.now(); performance.now() - start < seconds * 1000;) {
      const began = performance.now();
      const content = { text: 'The quick brown fox jumps over the lazy dog.', kind: 'text', metadata: {} };
      await log.ask({ type: 'sendMessage', ...asked, id: `m-${times.length}`, ...content });
      times.push(performance.now() - began);
    }
    const after = await commits(maru);
    const commitMs = ((after.seconds - before.seconds) / (after.count - before.count)) * 1000;
    return { ...percentiles(times), commitMs };
  } finally {
    await log.stop();
  }
}

async function commits(maru: Maru): Promise<{ seconds: number; count: number }> {
  const text = await (await fetch(`${maru.run.chat[0]}/metrics`)).text();
  const of = (name: string) =>
    Number(new RegExp(`^maru_writer_commit_seconds_${name}\\S* (\\S+)`, 'm').exec(text)?.[1]);
  return { seconds: of('sum'), count: of('count') };
}
