import { pause, until } from '../support/until';
import type { CheckStack, Fault } from './check-stack';
import type { World } from './world';

/** A fault that was thrown. Times as `performance.now()` has them. */
export interface Round {
  kind: string;
  startedAt: number;
  endedAt: number;
  /** The longest time without any ack, from its beginning until all goes its way again. */
  silenceMs: number;
}

/** After a fault's end a send should be answered within this. */
export const answerWithinMs = 30_000;
const calmMs = 3000;
const backWithinMs = 90_000;

/** Throws a fault, and waits until every client has been answered again and a calm stretch has passed. */
export async function playRound(
  fault: Fault,
  stack: CheckStack,
  world: World,
  random: () => number,
): Promise<Round> {
  world.acks.start();
  const startedAt = performance.now();
  await fault.throw(stack, random);
  const endedAt = performance.now();
  const waits = () => world.clients.filter((client) => (world.answeredAt.get(client) ?? 0) < endedAt);
  const what = () =>
    `after "${fault.kind}" everybody is answered: ${waits()
      .map(({ record }) => record.label)
      .join()} are not`;
  await until(what, () => waits().length === 0, backWithinMs);
  await pause(calmMs);
  return { kind: fault.kind, startedAt, endedAt, silenceMs: world.acks.longestMs };
}
