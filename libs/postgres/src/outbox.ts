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
  /** Resolves when the event is on the log. A key's next event is handed over only after that. */
  publish: (event: OutboxRow) => Promise<unknown>;
  onError: (error: unknown) => void;
  /** Time between looks when nobody wakes it. */
  pollMs?: number;
}

const busy = -1;

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

  /** Publishes what is committed already, for at most `withinMs`; the rest stays for the next start. */
  async stop(withinMs = 3000): Promise<void> {
    if (this.stopped) return;
    this.wake();
    this.stopped = true;
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<void>((resolve) => (timer = setTimeout(resolve, withinMs)));
    await Promise.race([this.round, tooLong]);
    clearTimeout(timer);
  }

  private async run(): Promise<void> {
    this.wanted = false;
    let pauseMs = this.options.pollMs ?? 500;
    try {
      for (let more = true; more;) {
        const published = await this.publishSome();
        more = published > 0;
        // Another process may have looked just before the event that woke this one was there.
        if (published === busy) pauseMs = Math.min(pauseMs, 50);
      }
    } catch (error) {
      this.options.onError(error);
    }
    if (this.stopped || this.wanted) return;
    this.timer = setTimeout(() => this.wake(), pauseMs);
  }

  /** One round; `busy` when another process has its own. What was published is forgotten even when the rest fails. */
  private async publishSome(): Promise<number> {
    const { published, failures } = await this.db.transaction().execute(async (trx) => {
      const rows = await claim(trx);
      if (rows === undefined) return { failures: [] };
      const outcomes = await Promise.all(byKey(rows).map((events) => this.publishInOrder(events)));
      const published = outcomes.flatMap((outcome) => outcome.published);
      if (published.length > 0) {
        await sql`delete from outbox where id = any(${published}::bigint[])`.execute(trx);
      }
      return { published, failures: outcomes.flatMap((outcome) => outcome.failures) };
    });
    if (failures.length > 0) throw failures[0];
    return published?.length ?? busy;
  }

  /** Stops at the first event that fails: those of one key never overtake one another. */
  private async publishInOrder(events: OutboxRow[]): Promise<{ published: string[]; failures: unknown[] }> {
    const published: string[] = [];
    for (const event of events) {
      try {
        await this.options.publish(event);
      } catch (error) {
        return { published, failures: [error] };
      }
      published.push(event.id);
    }
    return { published, failures: [] };
  }
}

/** The oldest events, for this round alone; `undefined` while another process has its round. */
async function claim<S>(trx: Transaction<S>): Promise<OutboxRow[] | undefined> {
  const locked = await sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(7346201) as mine`.execute(trx);
  if (locked.rows[0]?.mine !== true) return undefined;
  const oldest = sql<OutboxRow>`select id, topic, key, type, value from outbox order by id limit 500`;
  return (await oldest.execute(trx)).rows;
}

function byKey(rows: OutboxRow[]): OutboxRow[][] {
  const keys = new Map<string, OutboxRow[]>();
  for (const row of rows) {
    const name = `${row.topic} ${row.key}`;
    const events = keys.get(name);
    if (events) events.push(row);
    else keys.set(name, [row]);
  }
  return [...keys.values()];
}
