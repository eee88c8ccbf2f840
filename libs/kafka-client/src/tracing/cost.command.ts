import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { IncomingRecord } from '../records/record';
import { beginRecord, beginTaking, traceOf } from './record-trace';
import { Sends } from './sends';
import { activeTrace, Step, tracesAreOn, turnTracesOn } from './step';

/**
 * What traces cost a message in CPU over its whole way, in one process and without the way itself: off, on but not kept, kept.
 * `tsx libs/kafka-client/src/tracing/cost.command.ts`: microseconds, the best of ten rounds. Sending spans to a collector is not in it.
 */
const MESSAGES = 20_000;
const ROUNDS = 10;
const key = 'cb6f8fd4-2f0b-5d5e-9c58-0a6f4b7a7c11';
let sampler: Sampler = new AlwaysOnSampler();

/** The same calls as a message makes from a socket's door to two connections of one gateway. */
function oneMessage(): void {
  const door = tracesAreOn() ? Step.begin('sendMessage', ROOT_CONTEXT) : undefined;
  const send = () => hand('chat.commands', activeTrace());
  const command = door ? door.within(send) : send();
  const decide = beginRecord('decide', command, 'api-chat');
  const commit = decide && Step.begin('commit', decide.place);
  commit?.end();
  const event = hand('chat.events', decide?.trace);
  decide?.end();
  const from = traceOf(event);
  const deliver = from && beginTaking('deliver', event.topic, from, { attributes: { 'maru.seq': 1 } });
  for (let to = 1; deliver && to <= 2; to++) Step.begin('write', deliver.place).end();
  deliver?.end();
  door?.end();
}

function hand(topic: string, from: IncomingTrace): IncomingRecord {
  const record = { key, value: '{}', headers: { ce_type: 'message' }, trace: from };
  const sends = Sends.of(topic, 0, [record]);
  const headers = (sends?.records[0] ?? record).headers ?? {};
  sends?.landed(1);
  return { topic, partition: 0, offset: 1, timestamp: 0, key, value: null, headers };
}
type IncomingTrace = ReturnType<typeof activeTrace>;

async function best(): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const began = process.cpuUsage();
    for (let n = 0; n < MESSAGES; n++) oneMessage();
    const { user, system } = process.cpuUsage(began);
    least = Math.min(least, (user + system) / MESSAGES);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return Number(least.toFixed(2));
}

async function main(): Promise<void> {
  const off = await best();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const root: Sampler = { shouldSample: (...asked) => sampler.shouldSample(...asked) };
  const exporter = {
    export: (_spans: unknown, done: (result: { code: number }) => void) => done({ code: 0 }),
    shutdown: () => Promise.resolve(),
  };
  trace.setGlobalTracerProvider(
    new TracerProvider({
      sampler: new ParentBasedSampler({ root }),
      spanProcessors: [new BatchSpanProcessor({ exporter })],
    }),
  );
  turnTracesOn();
  sampler = new AlwaysOffSampler();
  const notKept = await best();
  sampler = new AlwaysOnSampler();
  const kept = await best();
  process.stdout.write(`${JSON.stringify({ offUs: off, notKeptUs: notKept, keptUs: kept })}\n`);
}

void main();
