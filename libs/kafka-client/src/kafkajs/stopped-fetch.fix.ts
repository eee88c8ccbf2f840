import Runner from 'kafkajs/src/consumer/runner';
import { KafkaJSError } from 'kafkajs';

/**
 * A kafkajs consumer that was stopped answers its fetchers with nothing at once. One that starts after the stop (the
 * set of brokers had changed) asks again in the same turn of the event loop, for ever: the process hangs at full
 * load. The error ends it; kafkajs looks whether it still runs before it tries again.
 */
const fetch = Object.getOwnPropertyDescriptor(Runner.prototype, 'fetch')?.value as (
  this: Runner,
  nodeId: string,
) => Promise<unknown[]>;

Runner.prototype.fetch = function (this: Runner, nodeId: string): Promise<unknown[]> {
  return this.running
    ? fetch.call(this, nodeId)
    : Promise.reject(new KafkaJSError('the consumer was stopped'));
};
