import { setTimeout as delay } from 'node:timers/promises';
import { context, propagation, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { Step, turnTracesOn } from '@maru/kafka-client';

/** The traces of this process, all of them kept in memory. One for a spec. */
export class Spans {
  private readonly exporter = new InMemorySpanExporter();

  constructor() {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager());
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    const spanProcessors = [new SimpleSpanProcessor({ exporter: this.exporter })];
    trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors }));
    turnTracesOn();
  }

  /** Runs the work in a trace of its own. */
  within<T>(work: () => T): T {
    return Step.begin('door', ROOT_CONTEXT).within(work);
  }

  /** How the steps of that name have ended, by the kind of error or as `ok`: when there are so many, or after 10 s. */
  async ends(name: string, count: number): Promise<unknown[]> {
    const found = () => this.exporter.getFinishedSpans().filter((span) => span.name === name);
    for (const end = Date.now() + 10_000; found().length < count && Date.now() < end;) await delay(20);
    return found().map(({ status, attributes }) =>
      status.code === SpanStatusCode.ERROR ? attributes['error.type'] : 'ok',
    );
  }

  /** Forgets those that have ended. */
  reset(): void {
    this.exporter.reset();
  }
}
