import { SpanKind } from '@opentelemetry/api';
import type { OutgoingRecord } from '../records/record';
import { messagingAttributes, traceHeaders } from './record-trace';
import { Step, type Trace } from './step';

type Sent = Omit<OutgoingRecord, 'topic' | 'partition'>;

/** The sends of traced records that are handed in together, until the brokers have them. */
export class Sends {
  private constructor(
    /** All records; the traced ones say in their headers where their trace stands. */
    readonly records: Sent[],
    private readonly steps: ReadonlyMap<number, Step>,
  ) {}

  /** Undefined when none of them is traced, as most often. */
  static of(topic: string, partition: number, records: readonly Sent[]): Sends | undefined {
    if (!records.some(({ trace }) => trace !== undefined)) return undefined;
    const steps = new Map<number, Step>();
    const ready = records.map((record, index) => {
      if (record.trace === undefined) return record;
      const step = beginSend(topic, partition, record.key, record.trace);
      steps.set(index, step);
      const headers = step.trace && traceHeaders(step.trace);
      return headers ? { ...record, headers: { ...record.headers, ...headers } } : record;
    });
    return new Sends(ready, steps);
  }

  /** `baseOffset`: of the first record; −1 when it is not known. */
  landed(baseOffset: number): void {
    for (const [index, step] of this.steps) {
      if (baseOffset >= 0) step.tell({ 'messaging.kafka.offset': baseOffset + index });
      step.end();
    }
  }

  failed(error: unknown): void {
    for (const step of this.steps.values()) step.end(error);
  }
}

const beginSend = (topic: string, partition: number, key: string | null, from: Trace) =>
  Step.begin(`send ${topic}`, from, {
    kind: SpanKind.PRODUCER,
    attributes: {
      ...messagingAttributes('send', 'send', topic),
      'messaging.destination.partition.id': String(partition),
      ...(key !== null && { 'messaging.kafka.message.key': key }),
    },
  });
