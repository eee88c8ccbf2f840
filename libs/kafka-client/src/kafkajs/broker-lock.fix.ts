import Lock from 'kafkajs/src/utils/lock';

/**
 * kafkajs lets an idempotent producer send one request at a time to a broker, so that two sends of one
 * partition cannot mix up its sequence numbers. Here a partition never has two sends out, and the lock only
 * makes partitions wait for each other: with a broker that is mute, one request time-out after the other.
 * Its locks are the ones with this time-out.
 */
const BROKER_LOCK_MS = 0xffff;

const timeout = Object.getOwnPropertySymbols(new Lock({ timeout: 1 })).find(
  ({ description }) => description === 'private:Lock:timeout',
);
const acquire = Object.getOwnPropertyDescriptor(Lock.prototype, 'acquire')?.value as (
  this: Lock,
) => Promise<void>;

Lock.prototype.acquire = function (this: Lock & Record<symbol, unknown>): Promise<void> {
  return timeout && this[timeout] === BROKER_LOCK_MS ? Promise.resolve() : acquire.call(this);
};
