import { topics } from '@maru/contracts';
import { topicSpecs } from './topic-specs';

const env = {
  CHAT_PARTITIONS: 12,
  EVENT_PARTITIONS: 6,
  REPLY_PARTITIONS: 4,
  GATEWAY_SLOTS: 8,
  KAFKA_REPLICATION_FACTOR: 3,
  KAFKA_MIN_INSYNC_REPLICAS: 2,
};

describe('topics', () => {
  it('get the partitions of their kind', () => {
    const specs = topicSpecs(Object.values(topics), env);
    expect(Object.fromEntries(specs.map(({ name, partitions }) => [name, partitions]))).toEqual({
      'users.events': 6,
      'auth.events': 6,
      'users.requests': 6,
      'auth.requests': 6,
      'chat.requests': 6,
      'stream.replies': 6,
      'chat.commands': 12,
      'chat.events': 12,
      'chat.reads': 12,
      'chat.signals': 12,
      presence: 6,
      notifications: 6,
      replies: 4,
      'gateway.rooms': 12,
      'gateway.joins': 12,
      'gateway.deliveries': 8,
    });
  });

  it('are replicated and kept as the settings and contracts say', () => {
    const [users, auth] = topicSpecs(['users.events', 'auth.events'], env);
    expect(users).toMatchObject({
      replicationFactor: 3,
      config: { 'retention.ms': '-1', 'min.insync.replicas': '2', 'message.timestamp.type': 'LogAppendTime' },
    });
    expect(auth?.config['retention.ms']).toBe(String(7 * 24 * 60 * 60 * 1000));
  });

  it('keep room events for ever, or for as long as is asked for', () => {
    const kept = (days?: number) =>
      topicSpecs(['chat.events', 'chat.commands'], {
        ...env,
        ...(days !== undefined && { CHAT_EVENTS_RETENTION_DAYS: days }),
      }).map(({ config }) => config['retention.ms']);
    expect([kept(), kept(30)]).toEqual([
      ['-1', '604800000'],
      ['2592000000', '604800000'],
    ]);
  });

  it('keep the last record of a key alone, and soon, where all of them is read at a start', () => {
    const [presence, rooms, users] = topicSpecs(['presence', 'gateway.rooms', 'users.events'], env);
    for (const spec of [presence, rooms])
      expect(spec?.config).toMatchObject({ 'cleanup.policy': 'compact,delete', 'segment.ms': '600000' });
    expect(users?.config).not.toHaveProperty('segment.ms');
  });
});
