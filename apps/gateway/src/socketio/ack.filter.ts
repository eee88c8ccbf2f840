import { type ArgumentsHost, Catch, type ExceptionFilter, Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger, toCodedError } from '@maru/service-kit';
import { CoreMetrics } from '../core/core.metrics';
import type { AckFunction } from './ack';

/** The one place where an error becomes an ack: `{ok: false, error: {code, message, retryable}}`. */
@Catch()
@Injectable()
export class AckFilter implements ExceptionFilter {
  constructor(
    private readonly metrics: CoreMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const [, , ack, event] = host.getArgs<[unknown, unknown, AckFunction | undefined, string]>();
    const coded = toCodedError(error);
    this.metrics.refused.inc({ event, code: coded.code });
    if (coded.code === 'internal')
      this.logger.error({ event: 'client_event_failed', name: event, err: error });
    ack?.({ ok: false, error: coded.toBody() });
  }
}
