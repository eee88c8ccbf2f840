import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AlwaysOnSampler,
  InMemorySpanExporter,
  ParentBasedSampler,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { activeIds, turnTracesOn } from '@maru/kafka-client';
import express, { type Request, type Response } from 'express';
import { beginAtDoor } from './door-trace';
import { tracedHeaders, traceRequest } from './request-trace';

const given = { traceId: 'a'.repeat(32), parentId: 'b'.repeat(16) };
const traceparent = (flags: '00' | '01') => `00-${given.traceId}-${given.parentId}-${flags}`;

/** Nobody begins a trace here. */
const untraced = ['/internal/things', '/health/ready', '/api/stream'];

interface Told {
  /** As whoever the request is handed on to would get it. */
  handedOn: string;
  /** As a request of the handler's own would have it. */
  own: Record<string, string>;
  ids: { trace_id?: string; span_id?: string };
}

describe('what comes in at a door', () => {
  const exporter = new InMemorySpanExporter();
  let server: Server;
  let url: string;

  beforeAll(async () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager());
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    trace.setGlobalTracerProvider(
      new TracerProvider({
        sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
        spanProcessors: [new SimpleSpanProcessor({ exporter })],
      }),
    );
    turnTracesOn();
    const app = express();
    app.use(traceRequest, express.json());
    const tell = ({ headers }: Request, response: Response) =>
      void response.json({ handedOn: headers['traceparent'] ?? '', own: tracedHeaders(), ids: activeIds() });
    app.post('/api/things/:id', tell);
    for (const path of untraced) app.get(path, tell);
    app.get('/api/broken', () => {
      throw new Error('of ours');
    });
    app.get('/api/endless', (_request, response) => void response.write('and'));
    await new Promise<void>((resolve) => (server = app.listen(0, '127.0.0.1', () => resolve())));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => exporter.reset());
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const ask = async (method: string, path: string, headers: Record<string, string> = {}): Promise<Told> => {
    const body = method === 'POST' ? { body: '{}' } : {};
    const json = { 'content-type': 'application/json' };
    return (
      await fetch(url + path, { method, headers: { ...json, ...headers }, ...body })
    ).json() as Promise<Told>;
  };
  /** A request's step ends once its connection has seen the answer out. */
  async function span(): Promise<ReadableSpan> {
    for (;;) {
      const [found] = exporter.getFinishedSpans();
      if (found !== undefined) return found;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  it('goes on in the trace of the client, and whatever it sets going in its own', async () => {
    const told = await ask('POST', '/api/things/7?token=secret', { traceparent: traceparent('01') });
    const found = await span();
    const { traceId, spanId } = found.spanContext();
    expect(found.parentSpanContext).toMatchObject({ traceId: given.traceId, spanId: given.parentId });
    expect(found.name).toBe('POST /api/things/:id');
    expect(found.attributes).toEqual({
      'http.request.method': 'POST',
      'http.route': '/api/things/:id',
      'http.response.status_code': 200,
      'url.scheme': 'http',
    });
    expect(told).toEqual({
      handedOn: `00-${traceId}-${spanId}-01`,
      own: { traceparent: `00-${traceId}-${spanId}-01` },
      ids: { trace_id: traceId, span_id: spanId },
    });
  });

  it('hands on as well that a trace is not kept, so that nobody behind it draws lots again', async () => {
    const told = await ask('POST', '/api/things/7', { traceparent: traceparent('00') });
    expect(told.handedOn).toMatch(new RegExp(`^00-${given.traceId}-\\w{16}-00$`));
    expect(told.own).toEqual({ traceparent: told.handedOn });
    expect(told.ids).toEqual({});
    expect(exporter.getFinishedSpans()).toEqual([]);
  });

  it('begins a trace at the API alone, and none that is as long as a stream', async () => {
    for (const path of untraced) expect(await ask('GET', path)).toEqual({ handedOn: '', own: {}, ids: {} });
    await ask('GET', '/internal/things', { traceparent: traceparent('01') });
    expect((await span()).name).toBe('GET /internal/things');
    exporter.reset();
    await ask('POST', '/api/things/7', { traceparent: 'no trace' });
    expect((await span()).parentSpanContext).toBeUndefined();
  });

  it('says when an answer was our own fault, or did not come to its end', async () => {
    await fetch(`${url}/api/broken`);
    expect((await span()).attributes['error.type']).toBe('500');
    exporter.reset();
    const stopped = new AbortController();
    await fetch(`${url}/api/endless`, { signal: stopped.signal });
    stopped.abort();
    expect((await span()).attributes['error.type']).toBe('broken_off');
  });

  it('may name its trace itself, where there are no headers', () => {
    beginAtDoor('sendMessage', { text: 'a', traceparent: traceparent('01') }, () => ({
      'user.id': 'u',
    }))?.end();
    for (const sent of [
      undefined,
      'text',
      { traceparent: 7 },
      { traceparent: `${traceparent('01')} and more` },
    ])
      beginAtDoor('other', sent, () => ({}))?.end();
    const [first, ...others] = exporter.getFinishedSpans();
    expect(first?.parentSpanContext?.spanId).toBe(given.parentId);
    expect(first?.attributes).toEqual({ 'user.id': 'u' });
    expect(others.map(({ parentSpanContext }) => parentSpanContext)).toEqual(others.map(() => undefined));
    expect(others).toHaveLength(4);
  });
});
