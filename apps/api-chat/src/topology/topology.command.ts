import { topics } from '@maru/contracts';
import { kafkaConfigFrom, ProducerService, ReplyService, TopicsAdmin } from '@maru/kafka-client';
import { migrate, openDatabase } from '@maru/postgres';
import { createLogger, topicSpecs } from '@maru/service-kit';
import { Registry } from 'prom-client';
import { ArchiveMetrics } from '../archive/archive.metrics';
import { ArchiveRepository } from '../archive/archive.repository';
import { CqlBodies } from '../archive/cql-bodies';
import { History } from '../archive/history';
import type { ChatEnv } from '../chat.config';
import { migrations } from '../store/migrations';
import { EventPublisher } from '../writer/event-publisher';
import { AnotherLog } from './another-log.service';
import { Repartition } from './repartition.service';
import type { CopyParts } from './room-copies';
import { TopologyRepository } from './topology.repository';

type Say = CopyParts['say'];

/** For people: gives a Maru that stands still `CHAT_PARTITIONS` partitions, when it has had fewer. */
export const repartition = (env: ChatEnv, say: Say): Promise<void> =>
  withParts(env, say, (parts) => new Repartition(parts, env.CHAT_PARTITIONS).run());

/** For people: lets the store of a Maru that stands still go on with the log at `KAFKA_BROKERS`. */
export const anotherLog = (env: ChatEnv, say: Say): Promise<void> =>
  withParts(env, say, async (parts) => {
    await parts.admin.ensure(topicSpecs([topics.chatCommands, topics.chatEvents], env));
    await new AnotherLog(parts).run();
  });

async function withParts(env: ChatEnv, say: Say, work: (parts: CopyParts) => Promise<void>): Promise<void> {
  const config = kafkaConfigFrom(env, 'api-chat');
  const admin = new TopicsAdmin(config);
  const producer = new ProducerService(config);
  const store = openDatabase<never>({
    url: env.DATABASE_URL,
    poolSize: 2,
    statementTimeoutMs: env.DATABASE_STATEMENT_TIMEOUT_MS,
    applicationName: 'api-chat.topology',
  });
  const logger = createLogger('api-chat', env.LOG_LEVEL);
  const archived = new ArchiveRepository(store);
  const archive =
    env.CQL_CONTACT_POINTS &&
    new CqlBodies(env, new ArchiveMetrics(new Registry()), logger, (turn) => archived.oneAtATime(turn));
  const publisher = async (): Promise<EventPublisher> => {
    await producer.start();
    return new EventPublisher(producer, new ReplyService(producer), logger);
  };
  try {
    await admin.start();
    await migrate(store, migrations);
    await work({ repository: new TopologyRepository(store, new History(archive)), admin, publisher, say });
  } finally {
    await producer.stop();
    await admin.stop();
    await archive?.close();
    await store.destroy();
  }
}
