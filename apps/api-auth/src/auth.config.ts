import { kafkaEnv } from '@maru/kafka-client';
import { postgresEnv } from '@maru/postgres';
import { count, type EnvShape, port, serviceEnv, topicsEnv } from '@maru/service-kit';
import { z } from 'zod';

/** Settings of api-auth. */
export const authEnv = {
  ...serviceEnv,
  ...kafkaEnv,
  ...topicsEnv,
  ...postgresEnv,
  PORT: port.default(3302).describe('port of api-auth'),
  KAFKA_GROUP: z.string().min(1).default('api-auth').describe('consumer group that reads users.events'),
  REFRESH_TOKEN_DAYS: count.default(30).describe('days without a refresh after which a session is over'),
  FREE_GUESSES: count
    .default(5)
    .describe('wrong passwords for an account from one address before each next one has to wait, in a day'),
  LONGEST_PAUSE_SECONDS: count
    .default(900)
    .describe('the pause after a wrong password doubles from 1 s up to this'),
  ADDRESS_GUESSES_PER_15_MINUTES: count
    .default(100)
    .describe('wrong passwords from one address in 15 minutes, for whatever accounts'),
} satisfies EnvShape;
export type AuthEnv = z.infer<z.ZodObject<typeof authEnv>>;

/** Injects the settings. */
export const AUTH_ENV = Symbol('auth-env');
