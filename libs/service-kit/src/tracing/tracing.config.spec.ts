import { z } from 'zod';
import { tracingEnv, wantsTraces } from './tracing.config';

const read = (env: Record<string, string>) => z.object(tracingEnv).parse(env);
const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

describe('the settings of traces', () => {
  it('are off until a collector is named, and with OTEL_SDK_DISABLED', () => {
    expect(wantsTraces(read({}))).toBe(false);
    expect(wantsTraces(read({ OTEL_TRACES_SAMPLER: 'always_on' }))).toBe(false);
    expect(wantsTraces(read(endpoint))).toBe(true);
    expect(wantsTraces(read({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://x/traces' }))).toBe(true);
    expect(wantsTraces(read({ ...endpoint, OTEL_SDK_DISABLED: 'true' }))).toBe(false);
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4317'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_TRACES_SAMPLER', 'jaeger_remote'],
    ['OTEL_TRACES_SAMPLER_ARG', '50'],
  ])('refuse what is not done here: %s=%s', (name, value) => {
    expect(() => read({ [name]: value })).toThrow(name);
  });
});
