import {
  type DynamicModule,
  Global,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE, Reflector } from '@nestjs/core';
import { ConsumerService, TopicsAdmin, type TopicSpec } from '@maru/kafka-client';
import { createRemoteJWKSet } from 'jose';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { v7 as uuidv7 } from 'uuid';
import { AccessGuard } from './auth/access.guard';
import { EndedSessions } from './auth/ended-sessions';
import { ForeignIssuer } from './auth/foreign-issuer';
import { describeIssuer } from './auth/issuers';
import { ServerKeys } from './auth/server-keys';
import { KnownUsers } from './auth/known-users';
import { TokenVerifier } from './auth/token-verifier';
import type { ServiceEnv } from './config/environment';
import { HealthController } from './health/health.controller';
import { HealthService } from './health/health.service';
import { ProblemFilter } from './http/problem.filter';
import { validationPipe } from './http/validation.pipe';
import { InternalClient } from './internal/internal-client';
import { RateLimits } from './limits/rate-limits';
import { UserRateGuard } from './limits/user-rate.guard';
import type { Logger } from './logging/logger';
import { MetricsController } from './metrics/metrics.controller';

/** Injects the app's logger. */
export const LOGGER = Symbol('logger');
/** Inject clients for the internal routes of the other services. */
export const USERS_CLIENT = Symbol('api-users');
export const AUTH_CLIENT = Symbol('api-auth');
export const CHAT_CLIENT = Symbol('api-chat');

export interface ServiceKitOptions {
  app: string;
  env: ServiceEnv;
  logger: Logger;
  registry: Registry;
  /** The topics that the app reads or writes, `auth.events` among them. */
  topics: TopicSpec[];
}

const TOPICS = Symbol('topics');

const longestTokenSeconds = ({ AUTH_ISSUERS }: ServiceEnv): number =>
  Math.max(0, ...AUTH_ISSUERS.map(({ maxAgeSeconds }) => maxAgeSeconds));

/**
 * What every app has: log, metrics, health, problem+json, validation, rate limits, and guards before each HTTP route.
 * The topics are there once `onModuleInit` is over: who consumes starts in `onApplicationBootstrap` or later.
 */
@Global()
@Module({})
export class ServiceKitModule implements OnModuleInit, OnApplicationBootstrap {
  constructor(
    @Inject(EndedSessions) private readonly ended: EndedSessions,
    @Inject(HealthService) private readonly health: HealthService,
    @Inject(TopicsAdmin) private readonly admin: TopicsAdmin,
    @Inject(TOPICS) private readonly topics: TopicSpec[],
  ) {}

  static forRoot({ app, env, logger, registry, topics }: ServiceKitOptions): DynamicModule {
    collectDefaultMetrics({ register: registry });
    const client = (token: symbol, urls: readonly string[]) => ({
      provide: token,
      useValue: new InternalClient(urls, env.INTERNAL_SECRET),
    });
    const shared = [
      { provide: LOGGER, useValue: logger },
      { provide: Registry, useValue: registry },
      { provide: RateLimits, useValue: new RateLimits(env, registry) },
      HealthService,
      client(USERS_CLIENT, [env.USERS_URL]),
      client(AUTH_CLIENT, [env.AUTH_URL]),
      client(CHAT_CLIENT, env.CHAT_URL),
      {
        provide: EndedSessions,
        inject: [ConsumerService, TopicsAdmin],
        useFactory: (consumer: ConsumerService, admin: TopicsAdmin) =>
          new EndedSessions(consumer, admin, `${app}.sessions.${uuidv7()}`, logger, longestTokenSeconds(env)),
      },
      {
        provide: TokenVerifier,
        inject: [EndedSessions, USERS_CLIENT],
        useFactory: (ended: EndedSessions, users: InternalClient) => {
          const keys = createRemoteJWKSet(new URL('/api/auth/.well-known/jwks.json', env.AUTH_URL), {
            timeoutDuration: 3000,
          });
          const known = new KnownUsers(users);
          ended.onEnded((userId) => known.forget(userId));
          const issuers = env.AUTH_ISSUERS.map((issuer) => new ForeignIssuer(issuer));
          if (issuers.length > 0)
            logger.info({ event: 'other_issuers', issuers: env.AUTH_ISSUERS.map(describeIssuer) });
          const rules = { issuer: env.TOKEN_ISSUER, audience: env.TOKEN_AUDIENCE };
          return new TokenVerifier(keys, rules, ended, { issuers, known });
        },
      },
    ];
    return {
      module: ServiceKitModule,
      controllers: [HealthController, MetricsController],
      providers: [
        ...shared,
        { provide: TOPICS, useValue: topics },
        { provide: APP_FILTER, useValue: new ProblemFilter(logger) },
        { provide: APP_PIPE, useFactory: validationPipe },
        {
          provide: APP_GUARD,
          inject: [Reflector, TokenVerifier, AUTH_CLIENT],
          useFactory: (reflector: Reflector, tokens: TokenVerifier, auth: InternalClient) => {
            const serverKeys = new ServerKeys(auth);
            const verifiers = { tokens, serverKeys, internalSecret: env.INTERNAL_SECRET };
            return new AccessGuard(reflector, verifiers, logger);
          },
        },
        // Guards run in this order: who asks is known by now.
        {
          provide: APP_GUARD,
          inject: [RateLimits],
          useFactory: (limits: RateLimits) =>
            new UserRateGuard(
              limits.limit('user_requests', env.USER_REQUESTS_PER_MINUTE, 60),
              limits.limit('server_key_requests', env.SERVER_KEY_REQUESTS_PER_MINUTE, 60),
            ),
        },
      ],
      exports: shared.map((provider) => (typeof provider === 'function' ? provider : provider.provide)),
    };
  }

  async onModuleInit(): Promise<void> {
    await this.admin.ensure(this.topics);
  }

  async onApplicationBootstrap(): Promise<void> {
    this.health.add('broker', async () => void (await this.admin.clusterId()));
    await this.ended.start();
  }
}
