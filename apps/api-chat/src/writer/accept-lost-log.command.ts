import { topics } from '@maru/contracts';
import { kafkaConfigFrom, TopicsAdmin } from '@maru/kafka-client';
import { openDatabase, sql } from '@maru/postgres';
import type { ChatEnv } from '../chat.config';

/**
 * For people, after brokers have lost records of `chat.commands`: partitions whose log ends below what was
 * decided go on at the log's end. What doors send again is found by its id, so nothing is decided twice.
 * Says a line for each partition that was moved.
 */
export async function acceptLostLog(env: ChatEnv, say: (line: string) => void): Promise<void> {
  const admin = new TopicsAdmin(kafkaConfigFrom(env, 'api-chat'));
  const store = openDatabase<never>({
    url: env.DATABASE_URL,
    poolSize: 2,
    statementTimeoutMs: env.DATABASE_STATEMENT_TIMEOUT_MS,
    applicationName: 'api-chat.accept-lost-log',
  });
  try {
    await admin.start();
    const ends = await admin.ends(topics.chatCommands);
    const { rows } = await sql<{ partition: number; from: string; to: string }>`
      with log as (select * from unnest(${[...ends.keys()]}::int[], ${ends}::bigint[]) as log (partition, log_end)),
      before as (select p.partition, p.next_offset, log_end + p.base as place from partitions p join log using (partition)
        where p.next_offset > log_end + p.base for update of p)
      update partitions p set next_offset = before.place, batch_offset = before.place, epoch = epoch + 1
      from before where p.partition = before.partition
      returning p.partition, before.next_offset - p.base as "from", p.next_offset - p.base as "to"`.execute(
      store,
    );
    if (rows.length === 0) say('No partition lost records.');
    for (const { partition, from, to } of rows)
      say(`chat.commands[${partition}]: goes on at ${to} instead of ${from}`);
  } finally {
    await admin.stop();
    await store.destroy();
  }
}
