import { type Attributes, propagation, ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import { Step, tracesAreOn } from '@maru/kafka-client';

/**
 * Begins what came in at a door that has no HTTP headers: a step of the trace that `sent.traceparent` names (what is none is passed
 * over), or of a new one. Undefined while traces are off.
 */
export function beginAtDoor(name: string, sent: unknown, attributes: () => Attributes): Step | undefined {
  if (!tracesAreOn()) return undefined;
  const from = propagation.extract(ROOT_CONTEXT, contextIn(sent));
  return Step.begin(name, from, { kind: SpanKind.SERVER, attributes: attributes() });
}

function contextIn(sent: unknown): Record<string, string> {
  if (typeof sent !== 'object' || sent === null) return {};
  const { traceparent, tracestate } = sent as Record<string, unknown>;
  return {
    ...(typeof traceparent === 'string' && { traceparent }),
    ...(typeof tracestate === 'string' && { tracestate }),
  };
}
