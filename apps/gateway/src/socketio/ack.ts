import { type Ack, CodedError } from '@maru/contracts';
import { toCodedError } from '@maru/service-kit';

export type AckFunction = (ack: Ack) => void;

export const refused = (error: unknown): Ack => ({ ok: false, error: toCodedError(error).toBody() });

export const unknownEvent = (): Ack => refused(new CodedError('unknown_event'));
