import { kafkaEnv } from '@maru/kafka-client';
import { postgresEnv } from '@maru/postgres';
import { count, milliseconds, port, serviceEnv, topicsEnv } from '@maru/service-kit';
import { z } from 'zod';

const onOff = z.enum(['on', 'off']);

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
  NOTIFICATIONS: onOff
    .default('on')
    .describe(
      'whether notifications are asked for, on the topic notifications, for users who are not connected',
    ),
  NOTIFICATION_TEXT: onOff
    .default('off')
    .describe("whether notifications hold the message's text, which then reaches push services"),
};
export type ChatEnv = z.infer<z.ZodObject<typeof chatEnv>>;

/** Injects the settings of api-chat. */
export const CHAT_ENV = Symbol('api-chat settings');
