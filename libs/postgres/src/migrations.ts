import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';

/** Migrations in the order of their names; each is SQL that runs once, all in one transaction. */
export type Migrations = Record<string, string>;

/**
 * Brings the schema up to date. Several may start at once: the migrator's lock lets one do it.
 * @throws the database's error; nothing of a failed run stays.
 */
export async function migrate<Schema>(db: Kysely<Schema>, migrations: Migrations): Promise<void> {
  const migrator = new Migrator({
    db: db as Kysely<unknown>,
    provider: {
      getMigrations: async () =>
        Object.fromEntries(
          Object.entries(migrations).map(([name, text]): [string, Migration] => [
            name,
            { up: async (trx) => void (await sql.raw(text).execute(trx)) },
          ]),
        ),
    },
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error as Error;
}
