import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { CodedError, type RequestReply } from '@maru/contracts';
import type { RecordContext } from '@maru/kafka-client';
import { catchError, map, type Observable, of } from 'rxjs';
import { toCodedError } from '../http/problem.filter';
import type { Logger } from '../logging/logger';
import { LOGGER } from '../service-kit.module';

/** Who asked has given up long before: to do it now would surprise him. */
const expiredMs = 5 * 60 * 1000;
/** Well below what a broker takes, and what may wait for a client that reads slowly. */
const maxAnswerBytes = 500_000;

/**
 * Stands around `@MessagePattern` handlers: what they return is the answer, what they throw a coded refusal. Nothing is
 * tried again or put aside, since somebody waits. A request that is older than 5 minutes is refused as `expired`.
 */
@Injectable()
export class ReplyInterceptor implements NestInterceptor<unknown, RequestReply> {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<RequestReply> {
    const [record] = context.switchToRpc().getContext<RecordContext>().records;
    if (record !== undefined && record.timestamp < Date.now() - expiredMs) {
      return of(refusal(new CodedError('expired')));
    }
    return next.handle().pipe(
      map((answer): RequestReply => fitting({ ok: true, answer })),
      catchError((error: unknown) => of(this.refused(error, context))),
    );
  }

  private refused(error: unknown, context: ExecutionContext): RequestReply {
    const coded = toCodedError(error);
    if (coded.code === 'internal') {
      this.logger.error({ event: 'request_failed', handler: context.getHandler().name, err: error });
    }
    return refusal(coded);
  }
}

const refusal = (error: CodedError): RequestReply => ({ ok: false, error: error.toBody() });

function fitting(reply: RequestReply): RequestReply {
  if (Buffer.byteLength(JSON.stringify(reply)) <= maxAnswerBytes) return reply;
  throw new CodedError('payload_too_large', 'The answer is too large: ask with a lower limit.');
}
