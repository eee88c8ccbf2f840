import { kafkaEnv } from '@maru/kafka-client';
import { postgresEnv } from '@maru/postgres';
import { type EnvShape, milliseconds, port, serviceEnv, topicsEnv } from '@maru/service-kit';
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
} satisfies EnvShape;
export type UsersEnv = z.infer<z.ZodObject<typeof usersEnv>>;

/** Injects the settings. */
export const USERS_ENV = Symbol('users-env');
