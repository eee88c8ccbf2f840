import { BaseRpcContext } from '@nestjs/microservices';
import type { IncomingRecord } from '../records/record';

/** What a handler gets as `@Ctx()`: the records behind its payload, and the signal that ends its partition. Nest's
 * types take it with `@EventPattern<string>('user.created')`. */
export class RecordContext extends BaseRpcContext<[IncomingRecord[], AbortSignal]> {
  /** One, or with `{ batch: true }` as many as the payload has items. */
  get records(): IncomingRecord[] {
    return this.args[0];
  }

  get signal(): AbortSignal {
    return this.args[1];
  }
}
