import { ROOT_CONTEXT, context, propagation, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  InMemorySpanExporter,
  ParentBasedSampler,
  type Sampler,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { ProducerService } from '../producer/producer.service';
import type { IncomingRecord } from '../records/record';
import { TestKafka } from '../testing/test-kafka';
import { beginRecord, traceOf } from './record-trace';
import { Step, turnTracesOn } from './step';

describe('traces in the headers of records', () => {
  const kafka = new TestKafka();
  const exporter = new InMemorySpanExporter();
  let producer: ProducerService;
  let topic: string;
  let sampler: Sampler = new ParentBasedSampler({ root: new AlwaysOnSampler() });
  const never = new ParentBasedSampler({ root: new AlwaysOffSampler() });

  beforeAll(async () => {
    producer = await kafka.producer();
    context.setGlobalContextManager(new AsyncLocalStorageContextManager());
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    const provider = new TracerProvider({
      sampler: { shouldSample: (...asked) => sampler.shouldSample(...asked) },
      spanProcessors: [new SimpleSpanProcessor({ exporter })],
    });
    trace.setGlobalTracerProvider(provider);
  });
  beforeEach(async () => {
    topic = await kafka.topic();
    exporter.reset();
  });
  afterAll(() => kafka.stop());

  const records = async (): Promise<IncomingRecord[]> => (await kafka.readBack(topic)).flat();
  const at = (key: string) => ({ topic, key, value: '{}' });
  const door = () => Step.begin('door', ROOT_CONTEXT);

  it('are none before they are turned on', async () => {
    await door().within(() => producer.send(at('off')));
    const [record] = await records();
    expect(record?.headers).toEqual({});
    expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual([]);
    expect(
      traceOf({ headers: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` } }),
    ).toBeUndefined();
  });

  it('lead from who sends to who takes', async () => {
    turnTracesOn();
    const step = door();
    await step.within(() => producer.send({ ...at('on'), headers: { ce_type: 'a' } }));
    const [record] = await records();
    if (record === undefined) throw new Error('nothing was sent');
    expect(record.headers).toMatchObject({
      ce_type: 'a',
      traceparent: expect.stringMatching(/-01$/) as string,
    });
    beginRecord('process', record, 'some-group')?.end();
    step.end();
    const [send, process, door_] = exporter.getFinishedSpans();
    expect(send).toMatchObject({
      name: `send ${topic}`,
      attributes: {
        'messaging.system': 'kafka',
        'messaging.operation.name': 'send',
        'messaging.operation.type': 'send',
        'messaging.destination.name': topic,
        'messaging.destination.partition.id': '0',
        'messaging.kafka.message.key': 'on',
        'messaging.kafka.offset': 0,
      },
    });
    expect(process).toMatchObject({
      name: `process ${topic}`,
      attributes: { 'messaging.consumer.group.name': 'some-group', 'messaging.kafka.offset': 0 },
    });
    expect(send?.parentSpanContext?.spanId).toBe(door_?.spanContext().spanId);
    expect(process?.parentSpanContext?.spanId).toBe(send?.spanContext().spanId);
  });

  it('stand on the traced records of a batch alone', async () => {
    const step = door();
    const batch = ['one', 'two', 'three'].map((key) => ({ key, value: '{}' }));
    await producer.sendBatch(topic, 0, [...batch, { key: 'four', value: '{}', trace: step.trace }]);
    step.end();
    const headers = (await records()).map((record) => [record.key, 'traceparent' in record.headers]);
    expect(headers).toEqual([...batch.map(({ key }) => [key, false]), ['four', true]]);
    expect(
      exporter.getFinishedSpans().map(({ name, attributes }) => [name, attributes['messaging.kafka.offset']]),
    ).toEqual([
      [`send ${topic}`, 3],
      ['door', undefined],
    ]);
  });

  it('are none where nothing is kept, nor after the end of what set the work going', async () => {
    const over = door();
    over.end();
    await over.within(() => producer.send(at('late')));
    sampler = never;
    await door().within(() => producer.send(at('dropped')));
    sampler = new ParentBasedSampler({ root: new AlwaysOnSampler() });
    expect((await records()).map(({ headers }) => headers)).toEqual([{}, {}]);
  });

  it('say by what a send failed', async () => {
    const step = door();
    const nowhere = { ...at('nowhere'), partition: 7 };
    await expect(step.within(() => producer.send(nowhere))).rejects.toThrow();
    const [send] = exporter.getFinishedSpans();
    expect(send?.status.code).toBe(SpanStatusCode.ERROR);
    expect(send?.attributes['error.type']).toBe('send_refused');
  });
});
