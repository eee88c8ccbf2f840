import { setTimeout as delay } from 'node:timers/promises';
import { turnTracesOn } from '@maru/kafka-client';
import type { Logger } from '../logging/logger';
import { type TracingEnv, wantsTraces } from './tracing.config';

/** A collector that does not answer holds up the end no longer. */
const flushMs = 1000;

/**
 * Has the process send its traces to the collector that the settings name; without one nothing of the SDK is loaded.
 * @returns what sends those that are left, at the end.
 */
export async function startTraces(
  app: string,
  env: TracingEnv,
  logger: Logger,
): Promise<() => Promise<void>> {
  if (!wantsTraces(env)) return () => Promise.resolve();
  const { startSdk } = await import(/* webpackMode: "eager" */ './sdk');
  const sdk = startSdk(app, env, logger);
  turnTracesOn();
  logger.info({ event: 'traces_on', sampler: env.OTEL_TRACES_SAMPLER });
  return async () => {
    const stopped = sdk.stop().catch((error: unknown) => logger.warn({ event: 'traces_lost', err: error }));
    await Promise.race([stopped, delay(flushMs, undefined, { ref: false })]);
  };
}
