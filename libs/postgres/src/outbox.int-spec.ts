import { type Kysely, sql } from 'kysely';
import { ensureDatabase, openDatabase } from './database';
import { migrate } from './migrations';
import { addToOutbox, outboxMigration, OutboxRelay, type OutboxRow } from './outbox';
import { freshDatabaseUrl } from './testing/fresh-database';

let url: string;
let db: Kysely<never>;
const open = () =>
  openDatabase<never>({
    url,
    poolSize: 4,
    statementTimeoutMs: 10_000,
    applicationName: 'outbox.int-spec',
  });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const add = (key: string, value: string) =>
  db.transaction().execute((trx) => addToOutbox(trx, { topic: 'things', key, type: 'thing', value }));
const left = async () => (await sql<OutboxRow>`select * from outbox order by id`.execute(db)).rows;

/** A log in memory that takes a while, as a broker does. */
class Log {
  readonly values: string[] = [];
  fails: (row: OutboxRow) => boolean = () => false;
  readonly errors: unknown[] = [];

  relay(on: Kysely<never> = db): OutboxRelay<never> {
    return new OutboxRelay(on, {
      pollMs: 20,
      onError: (error) => this.errors.push(error),
      publish: async (row) => {
        await pause(Math.random() * 5);
        if (this.fails(row)) throw new Error('the broker is away');
        this.values.push(row.value);
      },
    });
  }

  of(key: string): string[] {
    return this.values.filter((value) => value.startsWith(key));
  }
}

beforeEach(async () => {
  url = freshDatabaseUrl();
  await ensureDatabase(url);
  db = open();
  await migrate(db, { outbox: outboxMigration });
});
afterEach(() => db.destroy());

async function emptied(): Promise<void> {
  const deadline = Date.now() + 10_000;
  while ((await left()).length > 0) {
    if (Date.now() > deadline) throw new Error('The outbox did not get empty.');
    await pause(10);
  }
}

describe('the outbox', () => {
  it('publishes the events of a key in order, and leaves nothing', async () => {
    const log = new Log();
    const relay = log.relay();
    relay.start();
    for (let n = 0; n < 50; n++) {
      await add(n % 2 === 0 ? 'a' : 'b', `${n % 2 === 0 ? 'a' : 'b'}${n}`);
      relay.wake();
    }
    await emptied();
    await relay.stop();
    expect(log.of('a')).toEqual(Array.from({ length: 25 }, (_, n) => `a${2 * n}`));
    expect(log.of('b')).toEqual(Array.from({ length: 25 }, (_, n) => `b${2 * n + 1}`));
  });

  it('publishes nothing before the commit, and nothing of what was rolled back', async () => {
    const log = new Log();
    const relay = log.relay();
    relay.start();
    const rolledBack = db.transaction().execute(async (trx) => {
      await addToOutbox(trx, { topic: 'things', key: 'a', type: 'thing', value: 'never' });
      throw new Error('changed my mind');
    });
    await expect(rolledBack).rejects.toThrow('changed my mind');
    await db.transaction().execute(async (trx) => {
      await addToOutbox(trx, { topic: 'things', key: 'a', type: 'thing', value: 'committed' });
      relay.wake();
      await pause(150);
      expect(log.values).toEqual([]);
    });
    await emptied();
    await relay.stop();
    expect(log.values).toEqual(['committed']);
  });

  it('holds back what comes after an event that fails, of its key alone', async () => {
    const log = new Log();
    for (const value of ['a1', 'a2', 'a3']) await add('a', value);
    for (const value of ['b1', 'b2']) await add('b', value);
    log.fails = (row) => row.value === 'a2';
    const relay = log.relay();
    relay.start();
    while (log.errors.length < 2) await pause(10);
    expect((await left()).map((row) => row.value)).toEqual(['a2', 'a3']);
    expect(log.of('b')).toEqual(['b1', 'b2']);
    log.fails = () => false;
    await emptied();
    await relay.stop();
    expect(log.of('a')).toEqual(['a1', 'a2', 'a3']);
  });

  it('keeps the order when several processes publish', async () => {
    const log = new Log();
    const others = Array.from({ length: 3 }, () => open());
    const relays = others.map((other) => log.relay(other));
    for (const relay of relays) relay.start();
    const expected: string[] = [];
    for (let n = 0; n < 60; n++) {
      await add('a', `a${n}`);
      expected.push(`a${n}`);
      relays[n % 3]?.wake();
    }
    await emptied();
    for (const relay of relays) await relay.stop();
    await Promise.all(others.map((other) => other.destroy()));
    expect(log.values).toEqual(expected);
  });

  it('publishes what is committed before it stops, and gives up in time when the broker is away', async () => {
    const log = new Log();
    const relay = log.relay();
    relay.start();
    await pause(50);
    await add('a', 'last');
    await relay.stop();
    expect(log.values).toEqual(['last']);

    let publishing = (): void => undefined;
    const mute = new OutboxRelay(db, {
      publish: () => new Promise<void>((resolve) => (publishing = resolve)),
      onError: () => undefined,
    });
    await add('a', 'stays');
    mute.start();
    const before = Date.now();
    await mute.stop(200);
    expect(Date.now() - before).toBeLessThan(10_000);
    publishing();
  });
});
