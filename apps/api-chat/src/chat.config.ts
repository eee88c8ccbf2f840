import { kafkaEnv } from '@maru/kafka-client';
import { postgresEnv } from '@maru/postgres';
import { count, milliseconds, port, serviceEnv, topicsEnv } from '@maru/service-kit';
import type { z } from 'zod';

/** Settings of api-chat. */
export const chatEnv = {
  PORT: port.default(3303).describe('port that api-chat listens on'),
  ...serviceEnv,
  ...kafkaEnv,
  ...postgresEnv,
  ...topicsEnv,
  REQUEST_TIMEOUT_MS: milliseconds
    .default(20_000)
    .describe('how long a door waits for the answer to a command before it says that the outcome is unknown'),
  WRITER_MAX_BATCH: count
    .default(1000)
    .describe('commands that the writer decides and commits at once, at most'),
};
export type ChatEnv = z.infer<z.ZodObject<typeof chatEnv>>;
