import type { Message } from 'kafkajs';
import { KafkaUnavailableError } from '../errors';

/** Records that one caller handed in together: they are written together or not at all. */
export interface Parcel {
  messages: Message[];
  bytes: number;
  deadline: number;
  /** Parcels of one large batch: when one fails the later ones are not sent. */
  batch?: { failed?: unknown };
  resolve(baseOffset: number): void;
  reject(error: unknown): void;
}

export const FLIGHT_BYTES = 400_000;
export const FLIGHT_RECORDS = 5_000;

/** Takes from the front of `waiting` what goes out as the next request. */
export function gather(waiting: Parcel[]): Parcel[] {
  let bytes = 0;
  let records = 0;
  let count = 0;
  for (const parcel of waiting) {
    bytes += parcel.bytes;
    records += parcel.messages.length;
    if (count > 0 && (bytes > FLIGHT_BYTES || records > FLIGHT_RECORDS)) break;
    count += 1;
  }
  return waiting.splice(0, count).filter((parcel) => {
    if (parcel.batch?.failed === undefined) return true;
    parcel.reject(parcel.batch.failed);
    return false;
  });
}

export function messagesOf(parcels: Parcel[]): Message[] {
  const [only] = parcels;
  return parcels.length === 1 && only ? only.messages : parcels.flatMap((parcel) => parcel.messages);
}

export function land(parcels: Parcel[], baseOffset: number): void {
  let offset = baseOffset;
  for (const parcel of parcels) {
    parcel.resolve(offset);
    if (baseOffset >= 0) offset += parcel.messages.length;
  }
}

export function drop(parcels: Parcel[], error: unknown): void {
  for (const parcel of parcels) {
    if (parcel.batch) parcel.batch.failed = error;
    parcel.reject(error);
  }
}

export const unavailable = (topic: string, partition: number, what: string, outcomeUnknown = false) =>
  new KafkaUnavailableError(`${topic}[${partition}]: ${what}`, undefined, outcomeUnknown);
