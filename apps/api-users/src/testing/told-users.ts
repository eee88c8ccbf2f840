import { randomUUID } from 'node:crypto';
import { ConsumerService, kafkaConfig, kafkaConfigFrom } from '@maru/kafka-client';

export interface Told {
  type: string;
  id: string;
  userId: string;
  version: number;
}

/** Reads `users.events` from the beginning. */
export class ToldUsers {
  private readonly consumer = new ConsumerService(
    kafkaConfigFrom(kafkaConfig.parse(process.env), 'api-users-test'),
  );
  private readonly events: Told[] = [];
  /** Every record as it stands on the log. */
  text = '';

  async start(): Promise<void> {
    await this.consumer.subscribe({
      group: `told-users-${randomUUID()}`,
      topics: ['users.events'],
      fromBeginning: true,
      worker: async (queue) => {
        while (!queue.signal.aborted) {
          for (const { value, headers } of await queue.next(1000)) {
            const text = value?.toString() ?? '{}';
            this.text += text;
            const { ce_type: type = '', ce_id: id = '' } = headers;
            this.events.push({ ...(JSON.parse(text) as Told), type, id });
          }
        }
      },
    });
  }

  /** What was told of a user, in order; what was told again once. */
  of(userId: string): Told[] {
    const seen = new Set<string>();
    return this.events.filter(
      (event) => event.userId === userId && !seen.has(event.id) && seen.add(event.id),
    );
  }

  stop(): Promise<void> {
    return this.consumer.stop();
  }
}
