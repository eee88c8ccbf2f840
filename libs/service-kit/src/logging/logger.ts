import type { LoggerService } from '@nestjs/common';
import { activeIds } from '@maru/kafka-client';
import { pino, type Logger } from 'pino';

export type { Logger };

/** One line of JSON an entry, on standard output. Never pass texts, tokens or passwords; the usual names are censored anyway. */
export function createLogger(app: string, level: string): Logger {
  return pino({
    level,
    base: { app, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    mixin: activeIds,
    redact: {
      paths: [
        'password',
        'token',
        'accessToken',
        'refreshToken',
        'authorization',
        'text',
        '*.password',
        '*.token',
        '*.text',
      ],
      censor: '[hidden]',
    },
  });
}

/** Lets Nest's own lines go the same way, one level down: they matter only when something is wrong. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}
  log(message: unknown, context?: unknown): void {
    this.logger.debug({ context }, String(message));
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.logger.error({ stack: rest[0] }, message instanceof Error ? message.message : String(message));
  }
  warn(message: unknown, context?: unknown): void {
    this.logger.warn({ context }, String(message));
  }
  debug(message: unknown, context?: unknown): void {
    this.logger.debug({ context }, String(message));
  }
}
