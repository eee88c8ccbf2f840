import { kafkaEnv } from '@maru/kafka-client';
import { postgresEnv } from '@maru/postgres';
import { count, type EnvShape, milliseconds, port, serviceEnv, topicsEnv } from '@maru/service-kit';
import { z } from 'zod';

/** Settings of api-users. */
export const usersEnv = {
  ...serviceEnv,
  ...kafkaEnv,
  ...topicsEnv,
  ...postgresEnv,
  PORT: port.default(3301).describe('port of api-users'),
  KAFKA_GROUP: z.string().min(1).default('api-users').describe('consumer group that reads auth.events'),
  SIGN_UP_TIMEOUT_MS: milliseconds
    .default(60_000)
    .describe('after so long a sign-up that was not completed yields to another with its e-mail'),
  ADDRESS_SIGN_UPS_PER_HOUR: count
    .default(100)
    .describe('sign-ups of one address in an hour, those that are refused as well'),
} satisfies EnvShape;
export type UsersEnv = z.infer<z.ZodObject<typeof usersEnv>>;

/** Injects the settings. */
export const USERS_ENV = Symbol('users-env');
