import { type DynamicModule, Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import {
  ensureDatabase,
  type Kysely,
  migrate,
  type Migrations,
  openDatabase,
  ping,
  postgresEnv,
} from '@maru/postgres';
import type { z } from 'zod';
import { HealthService } from '../health/health.service';
import type { Logger } from '../logging/logger';

/** Injects the service's own database. Its schema is up to date before anything uses it. */
export const STORE = Symbol('store');

export interface StoreOptions {
  app: string;
  env: z.infer<z.ZodObject<typeof postgresEnv>>;
  logger: Logger;
  migrations: Migrations;
}

/**
 * The service's database: made when missing, migrated at start, part of readiness. Import it before all others:
 * what is imported first is closed last, when no HTTP request and no Kafka handler needs it any more.
 */
@Global()
@Module({})
export class StoreModule implements OnApplicationShutdown {
  constructor(
    @Inject(STORE) private readonly store: Kysely<never>,
    @Inject(HealthService) health: HealthService,
  ) {
    health.add('store', () => ping(store));
  }

  static forRoot(options: StoreOptions): DynamicModule {
    return {
      module: StoreModule,
      providers: [{ provide: STORE, useFactory: () => openStore(options) }],
      exports: [STORE],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.store.destroy();
  }
}

async function openStore({ app, env, logger, migrations }: StoreOptions): Promise<Kysely<never>> {
  await ensureDatabase(env.DATABASE_URL);
  const open = (statementTimeoutMs: number) =>
    openDatabase<never>({
      url: env.DATABASE_URL,
      poolSize: env.DATABASE_POOL_SIZE,
      statementTimeoutMs,
      applicationName: app,
      onError: (error) => logger.warn({ event: 'store_connection_lost', reason: error.message }),
    });
  // A step over a large table may take minutes, and others that start meanwhile wait for it.
  const patient = open(0);
  await migrate(patient, migrations).finally(() => patient.destroy());
  return open(env.DATABASE_STATEMENT_TIMEOUT_MS);
}
