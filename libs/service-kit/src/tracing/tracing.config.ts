import { z } from 'zod';

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
const address = z.url({ protocol: /^https?$/ }).optional();

/** OpenTelemetry's own settings, as far as they are heeded here. The exporter reads more of them by itself: docs/operate.md. */
export const tracingEnv = {
  OTEL_EXPORTER_OTLP_ENDPOINT: address.describe(
    'collector that traces are sent to (OTLP over HTTP, below its /v1/traces), such as http://localhost:4318; unset: no traces',
  ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: address.describe(
    'the same, with its whole path, where traces go elsewhere than the rest',
  ),
  OTEL_EXPORTER_OTLP_PROTOCOL: z
    .enum(['http/protobuf'])
    .default('http/protobuf')
    .describe('how the collector is spoken to; there is one way'),
  OTEL_EXPORTER_OTLP_HEADERS: z
    .string()
    .optional()
    .describe('headers of what is sent to the collector, such as its key: name=value, separated by commas'),
  OTEL_SERVICE_NAME: z
    .string()
    .optional()
    .describe(
      'what an app is called in traces; unset: its own name, so leave it where apps share their environment',
    ),
  OTEL_RESOURCE_ATTRIBUTES: z
    .string()
    .optional()
    .describe('what else traces say of the process: name=value, separated by commas'),
  OTEL_TRACES_SAMPLER: z
    .enum(samplers)
    .default('parentbased_always_on')
    .describe('which traces are kept; parentbased_*: as the client says, if he says anything'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('how many of them, from 0 to 1, with *traceidratio'),
  OTEL_BSP_SCHEDULE_DELAY: z.coerce
    .number()
    .int()
    .min(1)
    .default(5000)
    .describe('how long spans are gathered before they are sent, in ms'),
  OTEL_SDK_DISABLED: z.stringbool().default(false).describe('true: no traces, whatever else is set'),
};
export type TracingEnv = z.infer<z.ZodObject<typeof tracingEnv>>;

export const wantsTraces = ({
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ownEndpoint,
  OTEL_SDK_DISABLED: disabled,
}: TracingEnv): boolean => !disabled && (endpoint ?? ownEndpoint) !== undefined;
