import type { ConsumerService } from '../consumer/consumer.service';
import type { ProducerService } from '../producer/producer.service';
import type { KafkaTools } from '../tools';

export interface KafkaRequest {
  topic: string;
  key: string;
  /** The command's type, as its contract names it. */
  type: string;
  /** JSON, already encoded. */
  value: string;
  headers?: Record<string, string>;
  timeoutMs?: number;
}

export interface RequestOptions {
  /** The CloudEvents source of the commands, e.g. `/gateway`. */
  source: string;
  /** Default 10,000 ms. */
  timeoutMs?: number;
  /** Requests that may wait for their reply at once; default 20,000. */
  maxOutstanding?: number;
  /** Default `replies`. */
  topic?: string;
}

export class RequestClient {
  readonly askerId: string = '';

  constructor(
    protected readonly producer: ProducerService,
    protected readonly consumer: ConsumerService,
    protected readonly options: RequestOptions,
    protected readonly tools: KafkaTools = {},
  ) {}

  async start(): Promise<void> {}
  async stop(): Promise<void> {}

  /** Sends a command and gives the body of its reply. */
  async request<T>(request: KafkaRequest): Promise<T> {
    throw new Error(`not yet ${request.topic}`);
  }
}
