import {
  type Attributes,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  type SpanOptions,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import type { IncomingRecord } from '../records/record';
import { Step, type Trace, tracesAreOn } from './step';

/** Where a record's trace stands, as its headers say; undefined for most: their producers did not trace them. */
export function traceOf({ headers }: Pick<IncomingRecord, 'headers'>): Trace | undefined {
  if (!tracesAreOn() || headers['traceparent'] === undefined) return undefined;
  const place = propagation.extract(ROOT_CONTEXT, headers);
  const flags = trace.getSpanContext(place)?.traceFlags ?? TraceFlags.NONE;
  return (flags & TraceFlags.SAMPLED) === 0 ? undefined : place;
}

/** The headers by which another process goes on (W3C trace context). */
export function traceHeaders(place: Trace): Record<string, string> {
  const headers: Record<string, string> = {};
  propagation.inject(place, headers);
  return headers;
}

/** What the conventions for messaging want to know of each step. */
export const messagingAttributes = (name: string, type: 'send' | 'process', topic: string): Attributes => ({
  'messaging.system': 'kafka',
  'messaging.operation.name': name,
  'messaging.operation.type': type,
  'messaging.destination.name': topic,
});

/** What is done with something that came on a topic. */
export const beginTaking = (
  name: string,
  topic: string,
  from: Trace,
  { attributes, ...options }: Pick<SpanOptions, 'attributes' | 'startTime'> = {},
): Step =>
  Step.begin(`${name} ${topic}`, from, {
    ...options,
    kind: SpanKind.CONSUMER,
    attributes: { ...messagingAttributes(name, 'process', topic), ...attributes },
  });

/** What a group does with a record; undefined when that is not traced. */
export function beginRecord(name: string, record: IncomingRecord, group: string): Step | undefined {
  const from = traceOf(record);
  if (from === undefined) return undefined;
  const { topic, partition, offset, key } = record;
  return beginTaking(name, topic, from, {
    attributes: {
      'messaging.consumer.group.name': group,
      'messaging.destination.partition.id': String(partition),
      'messaging.kafka.offset': offset,
      ...(key !== null && { 'messaging.kafka.message.key': key }),
    },
  });
}
