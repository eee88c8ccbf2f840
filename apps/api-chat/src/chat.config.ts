import { retentionDays } from '@maru/contracts';
import { kafkaEnv } from '@maru/kafka-client';
import { postgresEnv } from '@maru/postgres';
import { ConfigError, count, milliseconds, port, serviceEnv, topicsEnv } from '@maru/service-kit';
import { z } from 'zod';
import { archiveEnv } from './archive/cql.config';

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
  ...archiveEnv,
  HISTORY_RETENTION_DAYS: z.coerce
    .number()
    .pipe(retentionDays)
    .optional()
    .describe(
      'days after which what was said is forgotten, in rooms for which a back end has said nothing else; unset: never. Kafka keeps it too: see CHAT_EVENTS_RETENTION_DAYS',
    ),
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
  WEBHOOK_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('where notifications are sent over HTTP as well; unset: nowhere'),
  WEBHOOK_SECRET: z
    .string()
    .min(16)
    .optional()
    .describe('what the requests to WEBHOOK_URL are signed with; must be set with it'),
  WEBHOOK_FORMAT: z
    .enum(['maru', 'matrix'])
    .default('maru')
    .describe('what WEBHOOK_URL takes: the record as it is, or the request of a Matrix push gateway'),
  WEBHOOK_TIMEOUT_MS: milliseconds.default(5000).describe('how long WEBHOOK_URL may take to answer'),
  WEBHOOK_RETRY_COUNT: z.coerce
    .number()
    .int()
    .min(0)
    .default(8)
    .describe(
      'how often a request to WEBHOOK_URL is sent again, from 0.5 s to 10 s apart, before it is dead-lettered',
    ),
  WEBHOOK_ALLOW_PRIVATE: onOff
    .default('off')
    .describe('whether WEBHOOK_URL may be an internal address: loopback, private, link-local'),
};
export type ChatEnv = z.infer<z.ZodObject<typeof chatEnv>>;

/** @throws ConfigError when a webhook's receiver could not tell who sends. */
export function mustHaveWebhookSecret({ WEBHOOK_URL, WEBHOOK_SECRET }: ChatEnv): void {
  if (WEBHOOK_URL !== undefined && WEBHOOK_SECRET === undefined)
    throw new ConfigError(
      'WEBHOOK_SECRET must be set with WEBHOOK_URL: make one with `openssl rand -hex 32`.',
    );
}

/** Injects the settings of api-chat. */
export const CHAT_ENV = Symbol('api-chat settings');
