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
} satisfies EnvShape;
export type AuthEnv = z.infer<z.ZodObject<typeof authEnv>>;

/** Injects the settings. */
export const AUTH_ENV = Symbol('auth-env');
