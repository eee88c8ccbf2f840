import { kafkaConfig, kafkaConfigFrom } from './config/kafka.config';
import { ConsumerService } from './consumer/consumer.service';
import { DeadLetters } from './dead-letters/dead-letters';
import { ProducerService } from './producer/producer.service';
import { TopicsAdmin } from './topics/topics-admin';

const usage = `Usage: dead-letters list <group>
       dead-letters replay <group> [--again]
Lists what a consumer group could not take, or hands it to that group again (each record once; --again: all
that are kept). Brokers and time-outs come from the KAFKA_* environment, as for the apps.`;

async function main([action, group, ...flags]: string[]): Promise<void> {
  const known = flags.every((flag) => flag === '--again');
  if ((action !== 'list' && action !== 'replay') || !group || !known) throw new Error(usage);
  const config = kafkaConfigFrom(kafkaConfig.parse(process.env), 'dead-letters');
  const producer = new ProducerService(config);
  const consumer = new ConsumerService(config);
  const admin = new TopicsAdmin(config);
  const deadLetters = new DeadLetters({ config, producer, consumer, admin });
  try {
    if (action === 'list') return await list(deadLetters, group);
    const count = await deadLetters.replay(group, { again: flags.includes('--again') });
    process.stdout.write(`${count} ${count === 1 ? 'record' : 'records'} handed to ${group} again\n`);
  } finally {
    await consumer.stop();
    await producer.stop();
    await admin.stop();
  }
}

/** One line a letter: where it came from, its type, when it was put aside, and why. Never its content. */
async function list(deadLetters: DeadLetters, group: string): Promise<void> {
  for (const { source, cause, record } of await deadLetters.list(group)) {
    const place = `${source.topic}[${source.partition}]@${source.offset}`;
    const at = new Date(record.timestamp).toISOString();
    process.stdout.write(
      `${at}  ${place}  ${record.headers.ce_type ?? '-'}  ${cause.replaceAll('\n', ' ')}\n`,
    );
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
