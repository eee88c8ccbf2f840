import type { Logger } from '@maru/service-kit';
import { type Client, concurrent, type types } from 'cassandra-driver';
import { ArchiveAwayError } from './archive-away.error';
import type { ArchiveMetrics } from './archive.metrics';
import { type CqlEnv, type OneAtATime, openCql, tableOf } from './cql-client';
import { type EventBodies, type EventBody, type EventPlace, placeOf, type SeqRange } from './event-bodies';

/** Seqs of a room that lie together: a page is in one or two such partitions, and none grows without bound. */
const bucketSize = 500;
const bucketOf = (seq: number): number => Math.floor(seq / bucketSize);
/** Statements under way at once. */
const concurrencyLevel = 32;

type Operation = 'open' | 'put' | 'get' | 'drop';

/**
 * In Cassandra, or what speaks its CQL: a row an event, in the partition of its room and bucket. Written to and read
 * from a quorum of the local data centre, so what was put is found. Nothing needs it to be there when the app starts.
 * Every method throws ArchiveAwayError when it cannot be carried out; the same may be asked again.
 */
export class CqlBodies implements EventBodies {
  private opened: Promise<Client> | undefined;
  private readonly table: string;

  constructor(
    private readonly env: CqlEnv,
    private readonly metrics: Pick<ArchiveMetrics, 'errors'>,
    private readonly logger: Logger,
    private readonly oneAtATime: OneAtATime,
  ) {
    this.table = tableOf(env);
  }

  async put(bodies: readonly EventBody[]): Promise<void> {
    const insert = `insert into ${this.table} (room_id, bucket, seq, body) values (?, ?, ?, ?)`;
    const rows = bodies.map(({ roomId, seq, body }) => [roomId, bucketOf(seq), seq, body]);
    await this.carryOut('put', insert, rows);
  }

  async get(places: readonly EventPlace[]): Promise<EventBody[]> {
    const select = `select room_id, seq, body from ${this.table} where room_id = ? and bucket = ? and seq >= ? and seq <= ?`;
    const wanted = new Set(places.map(placeOf));
    const results = await this.carryOut('get', select, rangesOf(places));
    const found = results.flatMap(({ rows }) =>
      rows.map((row) => ({
        roomId: String(row['room_id']),
        seq: row['seq'] as number,
        body: row['body'] as string,
      })),
    );
    return found.filter((one) => wanted.has(placeOf(one)));
  }

  async drop(roomId: string, { after, upTo }: SeqRange): Promise<void> {
    const remove = `delete from ${this.table} where room_id = ? and bucket = ? and seq > ? and seq <= ?`;
    const ranges: unknown[][] = [];
    for (let bucket = bucketOf(after + 1); bucket <= bucketOf(upTo); bucket++)
      ranges.push([roomId, bucket, after, upTo]);
    await this.carryOut('drop', remove, ranges);
  }

  async close(): Promise<void> {
    const client = await this.opened?.catch(() => undefined);
    await client?.shutdown();
  }

  /** The statement once for each row of values. */
  private async carryOut(
    operation: Operation,
    statement: string,
    values: unknown[][],
  ): Promise<types.ResultSet[]> {
    const client = await this.client();
    if (values.length === 0) return [];
    const options = { concurrencyLevel, collectResults: true };
    const all = concurrent.executeConcurrent(client, statement, values, options);
    const { resultItems } = await all.catch((error: unknown) => this.fail(operation, error));
    return resultItems as types.ResultSet[];
  }

  /** Opened at first use, and anew as long as that failed. */
  private client(): Promise<Client> {
    this.opened ??= openCql(this.env, this.oneAtATime).catch((error: unknown) => {
      this.opened = undefined;
      return this.fail('open', error);
    });
    return this.opened;
  }

  private fail(operation: Operation, error: unknown): never {
    this.metrics.errors.inc({ operation });
    this.logger.warn({ event: 'archive_failed', operation, err: error });
    throw new ArchiveAwayError(error);
  }
}

/** A range a room and bucket, from the lowest to the highest of the seqs that are asked for. */
function rangesOf(places: readonly EventPlace[]): unknown[][] {
  const groups = Map.groupBy(places, ({ roomId, seq }) => `${roomId}/${bucketOf(seq)}`);
  return [...groups.values()].map((group) => {
    const seqs = group.map(({ seq }) => seq);
    const [low, high] = [Math.min(...seqs), Math.max(...seqs)];
    return [group[0]?.roomId, bucketOf(low), low, high];
  });
}
