import ConsumerGroup from 'kafkajs/src/consumer/consumerGroup';

/**
 * kafkajs hands its workers a batch for every partition it asked for, and computes offsets and a heartbeat for
 * each, though most fetches bring records of one. Those without any need nothing but the heartbeat that a fetch
 * ends with anyway.
 */
const fetch = Object.getOwnPropertyDescriptor(ConsumerGroup.prototype, 'fetch')
  ?.value as ConsumerGroup['fetch'];

ConsumerGroup.prototype.fetch = async function (this: ConsumerGroup, nodeId: string) {
  const batches = await fetch.call(this, nodeId);
  return batches.filter(({ rawMessages }) => rawMessages.length > 0);
};
