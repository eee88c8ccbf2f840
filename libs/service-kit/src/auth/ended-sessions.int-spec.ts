import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type SessionEnded, topics } from '@maru/contracts';
import {
  cloudEventHeaders,
  ConsumerService,
  kafkaConfig,
  kafkaConfigFrom,
  OffsetOutOfRangeError,
  type PartitionQueue,
  ProducerService,
  type Subscription,
  TopicsAdmin,
} from '@maru/kafka-client';
import { pino } from 'pino';
import { z } from 'zod';
import { topicsEnv, topicSpecs } from '../kafka/topic-specs';
import { EndedSessions } from './ended-sessions';

const env = kafkaConfig.parse(process.env);
const config = kafkaConfigFrom(env, 'ended-sessions');
const of = (sessionId: string) => ({ sessionId, userId: randomUUID(), issuedAt: Date.now() / 1000 });

/** A real consumer on logs that have lost their first record. */
class LosesItsPlace extends ConsumerService {
  override subscribe(subscription: Subscription) {
    const found = new Set<number>();
    const losing = (queue: PartitionQueue): PartitionQueue => {
      const next = (max: number) => {
        const { topic, partition } = queue;
        if (found.has(partition)) return queue.next(max);
        const at = { topic, partition, position: 0, start: 1, end: 1 };
        return Promise.reject(new OffsetOutOfRangeError(at));
      };
      const seek = (offset: number) => {
        if (offset > 0) found.add(queue.partition);
        queue.seek(offset);
      };
      return { ...queue, topic: queue.topic, partition: queue.partition, signal: queue.signal, next, seek };
    };
    return super.subscribe({ ...subscription, worker: (queue) => subscription.worker(losing(queue)) });
  }
}

describe('ended sessions', () => {
  const admin = new TopicsAdmin(config);
  const producer = new ProducerService(config);
  const consumer = new LosesItsPlace(config);
  afterAll(async () => {
    await consumer.stop();
    await producer.stop();
    await admin.stop();
  });

  it('are still heard of after the log has lost the place of who reads them', async () => {
    await admin.ensure(topicSpecs([topics.authEvents], { ...z.object(topicsEnv).parse({}), ...env }));
    await producer.start();
    // So that every log has a first record.
    for (let partition = 0; partition < 6; partition++) await end(randomUUID(), partition);
    const sessions = new EndedSessions(consumer, admin, `ended.${randomUUID()}`, pino({ level: 'silent' }));
    void sessions.start();
    const sessionId = randomUUID();
    await end(sessionId, 0);
    for (let waited = 0; !sessions.has(of(sessionId)) && waited < 15_000; waited += 50) await delay(50);
    expect(sessions.has(of(sessionId))).toBe(true);
  });

  it('are all of a user, of those that began before; later ones go on', async () => {
    const group = `ended.${randomUUID()}`;
    const plain = new ConsumerService(config);
    const sessions = new EndedSessions(plain, admin, group, pino({ level: 'silent' }));
    const heard: string[] = [];
    sessions.onEnded((userId) => heard.push(userId));
    const userId = randomUUID();
    const second = Math.floor(Date.now() / 1000) - 60;
    const at = new Date(second * 1000 + 500);
    const event = { userId, at: at.toISOString(), reason: 'by_server' };
    const headers = cloudEventHeaders({ type: 'sessions.revoked', source: '/test', id: randomUUID() });
    await producer.send({ topic: topics.authEvents, key: userId, value: JSON.stringify(event), headers });
    await sessions.start();
    await plain.stop();
    expect(heard).toContain(userId);
    const has = (issuedAt: number, whose = userId) =>
      sessions.has({ sessionId: randomUUID(), userId: whose, issuedAt });
    expect([has(second - 1), has(second), has(second + 1)]).toEqual([true, true, false]);
    expect(has(second - 1, randomUUID())).toBe(false);
  });

  async function end(sessionId: string, partition: number): Promise<void> {
    const event: SessionEnded = { userId: randomUUID(), sessionId, at: new Date().toISOString() };
    const headers = cloudEventHeaders({ type: 'session.ended', source: '/test', id: randomUUID() });
    const value = JSON.stringify(event);
    await producer.send({ topic: topics.authEvents, key: event.userId, partition, value, headers });
  }
});
