import { kafkaClient } from '../kafkajs/client';
import { silentLogger } from '../logger';
import { pause } from '../time';
import { randomName, TestKafka } from '../testing/test-kafka';
import { replyAddress } from './reply-address';
import { ReplyService } from './reply.service';
import { RequestClient } from './request-client';

describe('an asker whose replies topic was made anew', () => {
  const kafka = new TestKafka();
  let asker: RequestClient;
  afterAll(async () => {
    await asker.stop();
    await kafka.stop();
  });

  /** As after a loss of all brokers' disks: the log is shorter than the asker's position. */
  async function makeAnew(topic: string): Promise<void> {
    const admin = kafkaClient(kafka.config, 'admin', silentLogger).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
    await pause(500);
    await kafka.admin.ensure([{ name: topic, partitions: 1, replicationFactor: 1, config: {} }]);
  }

  it('hears again by itself', async () => {
    const [commands, replies] = [await kafka.topic(), await kafka.topic()];
    const producer = await kafka.producer();
    const answers = new ReplyService(producer, replies);
    await kafka.consumer().subscribe({
      group: randomName('answerer'),
      topics: [commands],
      worker: async (queue) => {
        for (;;) {
          for (const record of await queue.next(100)) {
            const to = replyAddress(record);
            if (to) await answers.send([{ to, body: 'answered' }]);
          }
        }
      },
    });
    asker = new RequestClient(producer, kafka.consumer(), { source: '/test', topic: replies });
    await asker.start();
    const ask = () =>
      asker.request({ topic: commands, key: 'a', type: 'test.ask', value: '{}', timeoutMs: 25_000 });
    for (let count = 0; count < 5; count++) expect(await ask()).toBe('answered');
    await makeAnew(replies);
    expect(await ask()).toBe('answered');
  });
});
