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
  /** Who was not answered again in time, and how his tries ended. */
  stalled: string[];
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
  const back = until('everybody is answered', () => waits().length === 0, backWithinMs);
  const stalled = await back.then(
    () => [],
    () => waits().map(({ record }) => `${record.label} (${record.sent.at(-1)?.tries.slice(-3).join(', ')})`),
  );
  await pause(calmMs);
  return { kind: fault.kind, startedAt, endedAt, silenceMs: world.acks.longestMs, stalled };
}
