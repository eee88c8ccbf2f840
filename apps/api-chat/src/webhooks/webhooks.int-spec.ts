import { randomUUID } from 'node:crypto';
import { type NotificationRequested, topics } from '@maru/contracts';
import {
  cloudEventHeaders,
  ConsumerService,
  DeadLetters,
  kafkaConfig,
  kafkaConfigFrom,
  ProducerService,
  TopicsAdmin,
} from '@maru/kafka-client';
import { createLogger } from '@maru/service-kit';
import { Registry } from 'prom-client';
import type { ChatEnv } from '../chat.config';
import { Receiver } from '../testing/receiver';
import { until } from '../testing/until';
import { WebhookSender } from './webhook.sender';
import { WebhooksMetrics } from './webhooks.metrics';
import { webhooksGroup, WebhooksService } from './webhooks.service';

describe('notifications over HTTP', () => {
  const config = kafkaConfigFrom(
    kafkaConfig.parse({ KAFKA_BROKERS: process.env['KAFKA_BROKERS'] }),
    'webhooks',
  );
  const admin = new TopicsAdmin(config);
  const producer = new ProducerService(config);
  let receiver: Receiver;
  let consumer: ConsumerService;
  let sender: WebhookSender;
  let deadLetters: DeadLetters;
  beforeAll(async () => {
    await producer.start();
    await admin.ensure([{ name: topics.notifications, partitions: 6, replicationFactor: 1, config: {} }]);
    receiver = await new Receiver().start();
  });
  beforeEach(() => {
    receiver.received.length = 0;
    receiver.answer = () => 204;
  });
  afterEach(async () => {
    await consumer.stop();
    sender.onModuleDestroy();
  });
  afterAll(async () => {
    await receiver.stop();
    await producer.stop();
    await admin.stop();
  });

  async function begin(WEBHOOK_FORMAT: ChatEnv['WEBHOOK_FORMAT'] = 'maru'): Promise<void> {
    consumer = new ConsumerService(config);
    deadLetters = new DeadLetters({ config, producer, consumer, admin });
    const WEBHOOK_URL = `http://127.0.0.1:${receiver.port}/_matrix/push/v1/notify`;
    sender = new WebhookSender({
      ...{ WEBHOOK_URL, WEBHOOK_SECRET: 'a secret of the webhook' },
      ...{ WEBHOOK_TIMEOUT_MS: 2000, WEBHOOK_ALLOW_PRIVATE: 'on' },
    });
    const service = new WebhooksService(
      sender,
      consumer,
      deadLetters,
      new WebhooksMetrics(new Registry()),
      { WEBHOOK_URL, WEBHOOK_FORMAT, WEBHOOK_RETRY_COUNT: 2 },
      createLogger('webhooks', 'silent'),
    );
    await service.start();
  }

  async function ask(userId: string, seq: number, more: object = {}): Promise<NotificationRequested> {
    const body: NotificationRequested = {
      ...{ userId, roomId: randomUUID(), seq, messageId: 'm', senderId: randomUUID(), roomName: 'Room' },
      ...{ kind: 'text', mention: true, unread: seq, at: new Date().toISOString() },
      ...more,
    };
    const headers = cloudEventHeaders({ type: 'notification.requested', source: '/test', id: randomUUID() });
    await producer.send({ topic: topics.notifications, key: userId, value: JSON.stringify(body), headers });
    return body;
  }
  const bodies = () => receiver.received.map(({ body }) => JSON.parse(body) as unknown);

  it('come in order, and again until they are taken', async () => {
    await begin();
    let asked = 0;
    receiver.answer = () => (++asked < 3 ? 500 : 204);
    const ann = randomUUID();
    const all = [await ask(ann, 1), await ask(ann, 2)];
    await until(() => receiver.received.length === 4);
    expect(bodies()).toEqual([all[0], all[0], all[0], all[1]]);
    expect(receiver.received[0]?.headers['ce-id']).toBe(`${ann}/${all[0]?.roomId}/1`);
  });

  it('are put aside when they are not taken, each behind the first after one try, and can be sent again', async () => {
    await begin();
    const before = (await deadLetters.list(webhooksGroup)).length;
    receiver.answer = () => 503;
    const ann = randomUUID();
    const all = [await ask(ann, 1), await ask(ann, 2)];
    await until(async () => (await deadLetters.list(webhooksGroup)).length === before + 2);
    expect(bodies()).toEqual([all[0], all[0], all[0], all[1]]);
    const letters = (await deadLetters.list(webhooksGroup)).slice(before);
    expect(letters.map(({ cause }) => cause)).toEqual(
      [1, 2].map(() => 'WebhookError: the receiver answered 503'),
    );
    receiver.answer = () => 204;
    receiver.received.length = 0;
    await deadLetters.replay(webhooksGroup);
    await until(() => receiver.received.length >= 2);
    expect(bodies().slice(-2)).toEqual(all);
  }, 40_000);

  it('come as a Matrix push gateway takes them', async () => {
    await begin('matrix');
    const { userId, roomId, senderId } = await ask(randomUUID(), 7, { text: 'hi' });
    await until(() => receiver.received.length === 1);
    expect(receiver.received[0]?.path).toBe('/_matrix/push/v1/notify');
    expect(bodies()).toEqual([
      {
        notification: {
          ...{ event_id: `${roomId}/7`, room_id: roomId, type: 'm.room.message', sender: senderId },
          ...{
            room_name: 'Room',
            prio: 'high',
            counts: { unread: 7 },
            content: { msgtype: 'm.text', body: 'hi' },
          },
          devices: [{ app_id: 'maru', pushkey: userId, tweaks: { highlight: true } }],
        },
      },
    ]);
  });
});
