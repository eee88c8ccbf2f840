import './stopped-fetch.fix';
import Runner from 'kafkajs/src/consumer/runner';

const silent = { namespace: () => silent, debug: () => undefined };

it('ends the fetchers that start after the stop, where they went round for ever', async () => {
  const runner = new Runner({
    logger: silent,
    consumerGroup: { getNodeIds: () => ['1', '2'] },
    concurrency: 1,
  });
  await expect(runner.fetchManager.start()).rejects.toThrow('the consumer was stopped');
});
