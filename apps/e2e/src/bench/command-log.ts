import { type Command, type CommandReply, topics } from '@maru/contracts';
import {
  ConsumerService,
  kafkaConfig,
  kafkaConfigFrom,
  ProducerService,
  RequestClient,
} from '@maru/kafka-client';

/** Puts commands on the log as a door does, and reads the writer's answers: for what a bench needs thousands of. */
export class CommandLog {
  private constructor(
    private readonly producer: ProducerService,
    private readonly consumer: ConsumerService,
    private readonly requests: RequestClient,
  ) {}

  static async open(brokers: readonly string[]): Promise<CommandLog> {
    const config = kafkaConfigFrom(kafkaConfig.parse({ KAFKA_BROKERS: brokers.join() }), 'bench');
    const [producer, consumer] = [new ProducerService(config), new ConsumerService(config)];
    const requests = new RequestClient(producer, consumer, { source: '/bench', timeoutMs: 60_000 });
    await producer.start();
    await requests.start();
    return new CommandLog(producer, consumer, requests);
  }

  /** Resolves with the room's seq once it is committed. @throws Error when it is refused. */
  async ask(command: Command): Promise<number> {
    const reply = await this.requests.request<CommandReply>({
      topic: topics.chatCommands,
      key: command.roomId,
      type: command.type,
      value: JSON.stringify(command),
    });
    if (!reply.ok) throw new Error(`refused: ${reply.error.code} ${reply.error.message}`);
    return reply.seq;
  }

  async stop(): Promise<void> {
    await this.requests.stop();
    await this.consumer.stop();
    await this.producer.stop();
  }
}
