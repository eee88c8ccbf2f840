import { kafkaEnv } from '@maru/kafka-client';
import { port, serviceEnv, topicsEnv } from '@maru/service-kit';
import type { z } from 'zod';

/** Settings of the router. */
export const routerEnv = {
  PORT: port.default(3306).describe('port of /health and /metrics; there is nothing else'),
  ...serviceEnv,
  ...kafkaEnv,
  ...topicsEnv,
};
export type RouterEnv = z.infer<z.ZodObject<typeof routerEnv>>;
