import type { PipeTransform } from '@nestjs/common';
import { type ClientEvent, clientEvents, type ClientPayload, CodedError } from '@maru/contracts';
import { badRequest } from '@maru/service-kit';

/** A client event's payload, held against its contract. JSON as a string is taken for the object: testers send it so. */
export class PayloadPipe<E extends ClientEvent> implements PipeTransform<unknown, ClientPayload<E>> {
  constructor(private readonly event: E) {}

  transform(payload: unknown): ClientPayload<E> {
    const result = clientEvents[this.event].safeParse(
      typeof payload === 'string' ? parsed(payload) : payload,
    );
    if (!result.success) throw badRequest(result.error.issues);
    return result.data as ClientPayload<E>;
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new CodedError('invalid_json', 'The payload is a string that is not JSON: send an object.');
  }
}
