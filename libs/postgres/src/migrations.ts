import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';

/** Migrations in the order of their names; each is SQL that runs once, all in one transaction. */
export type Migrations = Record<string, string>;

/**
 * Brings the schema up to date. Several may start at once: the migrator's lock lets one do it. What a later build has done to it
 * stays: each is written so that the build before can live with it, and may be started again while both run.
 * @throws the database's error; nothing of a failed run stays.
 */
export async function migrate<Schema>(db: Kysely<Schema>, migrations: Migrations): Promise<void> {
  const later = (await doneBefore(db)).filter((name) => !(name in migrations));
  const migrator = new Migrator({
    db: db as Kysely<unknown>,
    provider: {
      getMigrations: async () => ({
        ...Object.fromEntries(
          Object.entries(migrations).map(([name, text]): [string, Migration] => [
            name,
            // Who waits for a table holds up all who come after: those that run would stand still with it.
            {
              up: async (trx) => void (await sql.raw(`set local lock_timeout = '10s'; ${text}`).execute(trx)),
            },
          ]),
        ),
        // The migrator wants to know all that was done, and does nothing twice.
        ...Object.fromEntries(later.map((name) => [name, { up: async () => undefined }])),
      }),
    },
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error as Error;
}

async function doneBefore<Schema>(db: Kysely<Schema>): Promise<string[]> {
  const { rows: tables } = await sql`select where to_regclass('kysely_migration') is not null`.execute(db);
  if (tables.length === 0) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
  return rows.map(({ name }) => name);
}
