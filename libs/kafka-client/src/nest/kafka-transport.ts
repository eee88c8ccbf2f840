import type { INestApplicationContext } from '@nestjs/common';
import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { eventContracts, requestContracts } from '@maru/contracts';
import { isObservable, lastValueFrom } from 'rxjs';
import type { KafkaConfig } from '../config/kafka.config';
import { ConsumerService } from '../consumer/consumer.service';
import { type Run, runWorker } from '../consumer/record-worker';
import type { RunningSubscription } from '../consumer/subscription';
import { DeadLetters } from '../dead-letters/dead-letters';
import type { IncomingRecord } from '../records/record';
import { replyAddress } from '../requests/reply-address';
import { ReplyService } from '../requests/reply.service';
import type { KafkaTools } from '../tools';
import { beginRecord } from '../tracing/record-trace';
import { KAFKA_CONFIG, KAFKA_TOOLS } from './kafka.tokens';
import { keepHandlerErrors } from './keep-error.filter';
import { type EventContracts, payloadOf } from './payload';
import { RecordContext } from './record-context';

export interface KafkaTransportOptions extends KafkaTools {
  group: string;
  consumer: ConsumerService;
  deadLetters: DeadLetters;
  replies: ReplyService;
  contracts: EventContracts;
  retry: { count: number; delayMs: number };
  fromBeginning?: boolean;
}

/**
 * Nest's `@EventPattern` and `@MessagePattern` handlers over ConsumerService. The pattern is the event's type
 * (`ce_type`), its contract says which topic carries it and what it holds; types without a handler are passed
 * over. A handler's error goes to the retries and then the dead letters of `runWorker`. `{ batch: true }` in
 * the pattern's extras gives a handler all records of its type that follow each other, as an array.
 */
export class KafkaTransport extends Server implements CustomTransportStrategy {
  override readonly propagatesEventHandlerErrors = true;
  private subscription: RunningSubscription | undefined;

  constructor(private readonly options: KafkaTransportOptions) {
    super();
  }

  /** The transport of an app that imports `KafkaModule`; connect it with `connectMicroservice`. */
  static of(
    app: INestApplicationContext,
    options: { group: string; contracts?: EventContracts; fromBeginning?: boolean },
  ): KafkaTransport {
    keepHandlerErrors(app);
    return new KafkaTransport({
      contracts: { ...eventContracts, ...requestContracts },
      ...app.get<KafkaTools>(KAFKA_TOOLS),
      ...options,
      consumer: app.get(ConsumerService),
      deadLetters: app.get(DeadLetters),
      replies: app.get(ReplyService),
      retry: app.get<KafkaConfig>(KAFKA_CONFIG).retry,
    });
  }

  listen(callback: (error?: unknown) => void): void {
    this.read().then(
      () => callback(),
      (error: unknown) => callback(error),
    );
  }

  async close(): Promise<void> {
    await this.subscription?.stop();
    this.subscription = undefined;
  }

  on(): never {
    throw new Error('a Kafka transport has no events to listen to');
  }

  unwrap<T>(): T {
    return this.options.consumer as T;
  }

  private async read(): Promise<void> {
    const { consumer, deadLetters, group, fromBeginning } = this.options;
    const topics = this.topics();
    if (this.subscription || topics.length === 0) return;
    this.subscription = await consumer.subscribe({
      group,
      // Its replayed dead letters come by a topic that no other group reads.
      topics: [...topics, await deadLetters.retries(group)],
      ...(fromBeginning !== undefined && { fromBeginning }),
      worker: runWorker({ ...this.options, runs: (records) => this.runs(records) }),
    });
  }

  private topics(): string[] {
    const topics = [...this.messageHandlers.keys()].map((pattern) => {
      const contract = this.options.contracts[pattern];
      if (!contract)
        throw new Error(`the pattern ${pattern} has no contract, so no topic is known to carry it`);
      return contract.topic;
    });
    return [...new Set(topics)];
  }

  private runs(records: IncomingRecord[]): Run[] {
    const runs: (Run & { handler: MessageHandler })[] = [];
    for (const record of records) {
      const type = record.headers.ce_type ?? '';
      const handler = this.messageHandlers.get(type);
      if (!handler) continue;
      const last = runs.at(-1);
      const batch = handler.extras?.batch === true;
      if (batch && last?.handler === handler) last.records.push(record);
      else runs.push({ handler, records: [record], handle: this.handling(handler, type, batch) });
    }
    return runs;
  }

  private handling(handler: MessageHandler, type: string, batch: boolean): Run['handle'] {
    const handle: Run['handle'] = async (records, signal) => {
      const payloads = records.map((record) => payloadOf(record, type, this.options.contracts));
      const context = new RecordContext([records, signal]);
      const result = await this.hooked(context, async () => {
        const given: unknown = await handler(batch ? payloads : payloads[0], context);
        return isObservable(given) ? lastValueFrom(given, { defaultValue: undefined }) : given;
      });
      if (!handler.isEventHandler) await this.reply(records, result);
    };
    return async (records, signal) => {
      // Of several records taken at once none is the cause of what the handler does.
      const [only] = records.length === 1 ? records : [];
      const step = only && beginRecord('process', only, this.options.group);
      return step ? step.around(() => handle(records, signal)) : handle(records, signal);
    };
  }

  /** Between Nest's processing hooks. A hook need not hand on what it runs, so the outcome is taken here. */
  private hooked(context: RecordContext, handle: () => Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.runWithProcessingHooks(context, async (finished) => {
        await handle().then(resolve, reject);
        finished();
      });
    });
  }

  private async reply(records: IncomingRecord[], body: unknown): Promise<void> {
    const [record] = records;
    const to = record && replyAddress(record);
    if (to) await this.options.replies.send([{ to, body }]);
  }
}
