import {
  type Attributes,
  type Context,
  context,
  type Span,
  type SpanOptions,
  SpanStatusCode,
  trace as spans,
} from '@opentelemetry/api';

/** A place in a sampled trace, from which something goes on. What is not sampled has none, and costs nothing. */
export type Trace = Context;

const tracer = spans.getTracer('maru');
let on = false;

/** There may be traces from now on; until then nothing of OpenTelemetry is called. */
export function turnTracesOn(): void {
  on = true;
}
export const tracesAreOn = (): boolean => on;

/** Where the work that runs now stands in its trace. */
export function activeTrace(): Trace | undefined {
  if (!on) return undefined;
  const now = context.active();
  return spans.getSpan(now)?.isRecording() === true ? now : undefined;
}

/** What names the step that runs now in a log line. */
export function activeIds(): { trace_id?: string; span_id?: string } {
  const now = activeTrace();
  const ids = now && spans.getSpanContext(now);
  return ids ? { trace_id: ids.traceId, span_id: ids.spanId } : {};
}

/** One step of a traced way, from its begin to its end: a span. */
export class Step {
  private constructor(
    private readonly span: Span,
    /** From here goes on what comes of it. */
    readonly place: Context,
  ) {}

  static begin(name: string, from: Context, options: SpanOptions = {}): Step {
    const span = tracer.startSpan(name, options, from);
    return new Step(span, spans.setSpan(from, span));
  }

  /** The same as `place`, as long as the step is sampled. */
  get trace(): Trace | undefined {
    return this.span.isRecording() ? this.place : undefined;
  }

  rename(name: string): void {
    this.span.updateName(name);
  }

  /** Ids, places and counts alone: never a text, a token or an e-mail. */
  tell(attributes: Attributes): void {
    this.span.setAttributes(attributes);
  }

  /** Of an error its code or name is told: its message may quote what was sent. */
  end(error?: unknown): void {
    if (error !== undefined) {
      this.span.setStatus({ code: SpanStatusCode.ERROR });
      this.span.setAttribute('error.type', kindOf(error));
    }
    this.span.end();
  }

  /** Runs the work, and what it starts, at this place of the trace. */
  within<T>(work: () => T): T {
    return context.with(this.place, work);
  }

  /** The same, and ends with it. */
  async around<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await this.within(work);
      this.end();
      return result;
    } catch (error) {
      this.end(error);
      throw error;
    }
  }
}

function kindOf(error: unknown): string {
  if (typeof error === 'string') return error;
  if (typeof error !== 'object' || error === null) return 'other';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : 'other';
}
