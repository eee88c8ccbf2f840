import {
  type Attributes,
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import { Step, tracesAreOn } from '@maru/kafka-client';
import type { NextFunction, Request, Response } from 'express';

/** Open for as long as the client stays. What is asked beside a stream is a request of its own. */
const stream = /^\/api\/stream\/?$/;

/**
 * A request of the API is a step of the trace that its `traceparent` names, or of a new one. Internal routes only go on with one.
 * Whoever the request is handed on to finds this step named in its headers.
 */
export function traceRequest(request: Request, response: Response, next: NextFunction): void {
  const { method, path } = request;
  const from = propagation.extract(ROOT_CONTEXT, request.headers);
  const begins = path.startsWith('/api/') || trace.getSpanContext(from) !== undefined;
  if (!begins || stream.test(path)) return next();
  const step = Step.begin(method, from, {
    kind: SpanKind.SERVER,
    // Not the path: it may name an e-mail address.
    attributes: { 'http.request.method': method, 'url.scheme': request.protocol },
  });
  propagation.inject(step.place, request.headers);
  response.once('close', () => endRequest(step, request, response));
  step.within(next);
}

function endRequest(step: Step, request: Request, response: Response): void {
  const { path } = (request.route ?? {}) as { path?: string };
  const attributes: Attributes = {};
  if (typeof path === 'string') {
    attributes['http.route'] = path;
    step.rename(`${request.method} ${path}`);
  }
  const { statusCode, writableFinished } = response;
  if (writableFinished) attributes['http.response.status_code'] = statusCode;
  step.tell(attributes);
  if (!writableFinished) step.end('broken_off');
  else step.end(statusCode >= 500 ? String(statusCode) : undefined);
}

/** Headers by which a request of ours goes on in the trace of the work that runs, kept or not. */
export function tracedHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  if (!tracesAreOn()) return headers;
  const span = trace.getActiveSpan();
  const isKept = ((span?.spanContext().traceFlags ?? TraceFlags.NONE) & TraceFlags.SAMPLED) !== 0;
  // Work that a request has set going may go on long after its end, and is not its own any more.
  if (span !== undefined && isKept === span.isRecording()) propagation.inject(context.active(), headers);
  return headers;
}
