import { differences } from './differences';

const spec = {
  name: 'chat.events',
  partitions: 12,
  replicationFactor: 3,
  config: { 'retention.ms': '-1', 'cleanup.policy': 'compact,delete' },
};

describe('differences', () => {
  it('finds none where the topic is as described, however the broker orders a list', () => {
    const found = { name: 'chat.events', partitions: 12, replicationFactor: 3 };
    expect(differences(spec, found, { 'retention.ms': '-1', 'cleanup.policy': 'delete, compact' })).toEqual(
      [],
    );
  });

  it('names what is, what should be and the remedy, one sentence a difference', () => {
    const found = { name: 'chat.events', partitions: 6, replicationFactor: 1 };
    const lines = differences(spec, found, { 'retention.ms': '1000', 'cleanup.policy': 'compact,delete' });
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/has 6 partitions, its configuration says 12\. Set the configuration to 6/);
    expect(lines[1]).toMatch(/KAFKA_REPLICATION_FACTOR to 1/);
    expect(lines[2]).toMatch(/retention\.ms=1000, its configuration says -1.*kafka-configs --alter/);
  });
});
