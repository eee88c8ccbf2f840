import type { AckBodies, ClientEvent } from '@maru/contracts';
import { MaruError, toMaruError } from '../errors';
import { newId } from '../new-id';
import { afterDropMs, Backoff, type Timing } from '../timing';
import type { Connection } from './connection';

/** How long a user waits for what he has asked to be done. */
const withinMs = 30_000;

/**
 * Asks until there is an answer, over as many connections as it takes, always under the same id. @throws MaruError as it
 * was refused, or `network` when there was no answer in time: nobody knows whether it was done.
 */
export async function insist<E extends ClientEvent>(
  connection: Connection,
  timing: Timing,
  event: E,
  payload: object,
): Promise<AckBodies[E]> {
  const id = newId();
  const backoff = new Backoff(timing);
  const deadline = Date.now() + withinMs;
  for (;;) {
    await before(deadline, connection.online());
    try {
      return await connection.ask(event, payload, id);
    } catch (error) {
      const { code, retryable, retryAfterMs } = toMaruError(error);
      const pauseMs = code === 'network' ? afterDropMs : (retryAfterMs ?? backoff.next());
      if (!retryable || Date.now() + pauseMs > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

async function before(deadline: number, work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(MaruError.network('There is no connection.')), deadline - Date.now());
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
