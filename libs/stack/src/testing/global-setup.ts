import path from 'node:path';
import { makeTempFolder, removeFolder } from '../folders';
import { startKafka } from '../kafka/cluster';
import { startPostgres } from '../postgres/server';

/** What the teardown needs of the setup: both run in Jest's main process, each with a module registry of its own. */
export interface TestStack {
  stop(): Promise<void>;
}

/** One broker and one database for all tests, unless `KAFKA_BROKERS` or `DATABASE_URL` name others. */
export default async function setUp(): Promise<void> {
  const folder = makeTempFolder('maru-tests-');
  const stops: (() => Promise<void>)[] = [];
  const store = globalThis as { maruTestStack?: TestStack };
  store.maruTestStack = {
    stop: async () => {
      await Promise.all(stops.map((stop) => stop()));
      removeFolder(folder);
    },
  };
  const kafka = async () => {
    const cluster = await startKafka({ nodes: 1, dataDir: path.join(folder, 'kafka') });
    process.env.KAFKA_BROKERS = cluster.brokers.join(',');
    stops.push(() => cluster.stop());
  };
  const postgres = async () => {
    const server = await startPostgres({ dataDir: path.join(folder, 'postgres') });
    process.env.DATABASE_URL = server.url;
    stops.push(() => server.stop());
  };
  const wanted = [
    ...(process.env.KAFKA_BROKERS ? [] : [kafka()]),
    ...(process.env.DATABASE_URL ? [] : [postgres()]),
  ];
  const failed = (await Promise.allSettled(wanted)).find((result) => result.status === 'rejected');
  if (!failed) return;
  await store.maruTestStack.stop();
  throw failed.reason;
}
