import { z } from 'zod';
import { serverIssuer } from '../auth/foreign-ids';
import { type IssuerConfig, issuersSetting } from '../auth/issuers';
import { tracingEnv } from '../tracing/tracing.config';

/** Every setting is an environment variable: its name, its type, what it is for (`.describe`) and its default. */
export type EnvShape = Record<string, z.ZodType>;

/** A wrong or missing setting; `message` names each with what it should be. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/**
 * Reads and validates settings before anything starts. An empty variable counts as not set.
 * @throws ConfigError that names every wrong setting at once.
 */
export function readEnvironment<T extends EnvShape>(
  shape: T,
  env: NodeJS.ProcessEnv = process.env,
): z.infer<z.ZodObject<T>> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = z.object(shape).safeParse(given);
  if (result.success) return result.data;
  const wrong = result.error.issues.map((issue) => `  ${String(issue.path[0])}: ${issue.message}`);
  throw new ConfigError(
    `These settings are wrong; correct them in the environment and start again:\n${wrong.join('\n')}`,
  );
}

export const port = z.coerce.number().int().min(0).max(65535);
export const milliseconds = z.coerce.number().int().min(1);
export const count = z.coerce.number().int().min(1);

const developmentSecret = 'maru-development-only';
/** Passwords of databases that stand in examples and images; the user's own name is one as well. */
const wellKnownPasswords = ['password', 'postgres', 'changeme', 'secret', 'maru', 'example'];

/** Settings that every app has. */
export const serviceEnv = {
  NODE_ENV: z
    .enum(['development', 'test', 'production'])
    .default('development')
    .describe('production refuses development secrets'),
  HOST: z.string().default('0.0.0.0').describe('address that HTTP listens on'),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('least severe log line written'),
  AUTH_URL: z.url().default('http://127.0.0.1:3302').describe('where api-auth is'),
  USERS_URL: z.url().default('http://127.0.0.1:3301').describe('where api-users is'),
  CHAT_URL: z
    .string()
    .default('http://127.0.0.1:3303')
    .transform((urls) => urls.split(',').map((url) => url.trim()))
    .pipe(z.array(z.url()).min(1))
    .describe('where api-chat is; several separated by commas'),
  INTERNAL_SECRET: z
    .string()
    .min(16)
    .default(developmentSecret)
    .describe('what services show one another on internal routes'),
  TOKEN_ISSUER: z.string().min(1).default('maru').describe('issuer (iss) of access tokens'),
  TOKEN_AUDIENCE: z.string().min(1).default('maru').describe('audience (aud) of access tokens'),
  AUTH_ISSUERS: issuersSetting.describe(
    'other issuers whose tokens are taken, as a JSON list; see docs/integrate.md',
  ),
  SHUTDOWN_TIMEOUT_MS: milliseconds.default(8000).describe('how long a graceful stop may take'),
  RATE_LIMITS: z
    .enum(['on', 'off'])
    .optional()
    .describe('whether rate limits and the throttling of log-ins are on; unset: on in production alone'),
  USER_REQUESTS_PER_MINUTE: count
    .default(600)
    .describe('requests of one user that an api-* process takes in a minute'),
  SERVER_KEY_REQUESTS_PER_MINUTE: count
    .default(3000)
    .describe('requests of one server key that an api-* process takes in a minute'),
  ...tracingEnv,
} satisfies EnvShape;
export type ServiceEnv = z.infer<z.ZodObject<typeof serviceEnv>>;

/**
 * The settings of an app, for its `main.ts`.
 * @throws ConfigError as `readEnvironment`, and when a production start would use a secret that everybody knows.
 */
export function readServiceEnvironment<T extends EnvShape & typeof serviceEnv>(
  shape: T,
): z.infer<z.ZodObject<T>> {
  const env = readEnvironment(shape);
  refuseDevelopmentSecrets(env as ServiceEnv & { DATABASE_URL?: string });
  refuseIssuers(env as ServiceEnv);
  return env;
}

/** @throws ConfigError for an issuer that is Maru itself, or whose keys could be exchanged on their way. */
export function refuseIssuers({ AUTH_ISSUERS, TOKEN_ISSUER, NODE_ENV }: ServiceEnv): void {
  const own = [TOKEN_ISSUER, serverIssuer];
  const wrong = AUTH_ISSUERS.flatMap(({ issuer, jwks }: IssuerConfig) => [
    ...(own.includes(issuer) ? [`${issuer} is Maru's own issuer: take it out, or change TOKEN_ISSUER.`] : []),
    ...(NODE_ENV === 'production' && jwks?.startsWith('http:')
      ? [`the jwks of ${issuer} must be an https address in production, or give its "key".`]
      : []),
  ]);
  if (wrong.length > 0) throw new ConfigError(`AUTH_ISSUERS: ${wrong.join(' ')}`);
}

/** @throws ConfigError when a production start would use a secret that everybody knows. */
export function refuseDevelopmentSecrets(env: ServiceEnv & { DATABASE_URL?: string | undefined }): void {
  if (env.NODE_ENV !== 'production') return;
  if (env.INTERNAL_SECRET === developmentSecret) {
    throw new ConfigError(
      'INTERNAL_SECRET must be set in production: make one with `openssl rand -hex 32` and give it to all apps.',
    );
  }
  if (env.DATABASE_URL === undefined) return;
  const { username, password } = new URL(env.DATABASE_URL);
  const given = password.toLowerCase();
  if (wellKnownPasswords.includes(given) || (given !== '' && given === username.toLowerCase())) {
    throw new ConfigError(
      'DATABASE_URL must not hold a password that everybody knows in production: make one with `openssl rand -hex 16`.',
    );
  }
}
