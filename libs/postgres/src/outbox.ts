import { type Kysely, sql, type Transaction } from 'kysely';

/** An event that leaves with the transaction that made it true. `value` is JSON already encoded. */
export interface OutboxEvent {
  topic: string;
  key: string;
  type: string;
  value: string;
}

export interface OutboxRow extends OutboxEvent {
  id: string;
}

export interface OutboxSchema {
  outbox: OutboxRow;
}

export const outboxMigration = `
  create table outbox (
    id bigint generated always as identity primary key,
    topic text not null,
    key text not null,
    type text not null,
    value text not null
  )`;

/** Writes an event into the caller's transaction: it is published if and only if that commits. */
export async function addToOutbox<S>(trx: Transaction<S>, event: OutboxEvent): Promise<void> {
  await sql`insert into outbox (topic, key, type, value) values (${event.topic}, ${event.key}, ${event.type}, ${event.value})`.execute(
    trx,
  );
}

export interface OutboxRelayOptions {
  /** Resolves when the event is on the log. Called for one key's events one after the other's start, in order. */
  publish: (event: OutboxRow) => Promise<unknown>;
  onError: (error: unknown) => void;
  /** Time between looks when nobody wakes it. */
  pollMs?: number;
}

/**
 * Publishes what transactions left in the outbox, in order, at least once: a row goes only after its event is
 * on the log. Of several processes one at a time does it (an advisory lock held for each round). Events of one
 * key must be written under a lock of that key's row, so that the order of ids is the order of commits.
 */
export class OutboxRelay<S> {
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();
  private wanted = false;
  private stopped = true;

  constructor(
    private readonly db: Kysely<S>,
    private readonly options: OutboxRelayOptions,
  ) {}

  start(): void {
    this.stopped = false;
    this.wake();
  }

  /** Tells it that a transaction with events has committed. */
  wake(): void {
    if (this.stopped || this.wanted) return;
    this.wanted = true;
    clearTimeout(this.timer);
    this.round = this.round.then(() => this.run());
  }

  /** Finishes the round that is under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.round;
  }

  private async run(): Promise<void> {
    this.wanted = false;
    try {
      while (!this.stopped && (await this.publishSome()) > 0);
    } catch (error) {
      this.options.onError(error);
    }
    if (this.stopped || this.wanted) return;
    this.timer = setTimeout(() => this.wake(), this.options.pollMs ?? 500);
  }

  private async publishSome(): Promise<number> {
    return this.db.transaction().execute(async (trx) => {
      const locked = await sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(7346201) as mine`.execute(
        trx,
      );
      if (locked.rows[0]?.mine !== true) return 0;
      const { rows } =
        await sql<OutboxRow>`select id, topic, key, type, value from outbox order by id limit 500`.execute(
          trx,
        );
      if (rows.length === 0) return 0;
      await Promise.all(rows.map((row) => this.options.publish(row)));
      await sql`delete from outbox where id = any(${rows.map((row) => row.id)}::bigint[])`.execute(trx);
      return rows.length;
    });
  }
}
