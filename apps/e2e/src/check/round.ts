import { pause, until } from '../support/until';
import type { CheckStack, Fault } from './check-stack';
import { Readiness } from './readiness';
import type { World } from './world';

/** A fault that was thrown. Times as `performance.now()` has them. */
export interface Round {
  kind: string;
  startedAt: number;
  endedAt: number;
  /** When every client had been answered again. */
  backAt: number;
  /** When each service had a process that was ready again, for the last time; 0: none was without. */
  awayUntil: number;
  /** As the fault has it. */
  backWithinSeconds: number | undefined;
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
  const readiness = new Readiness(stack);
  const startedAt = performance.now();
  await fault.throw(stack, random).catch(async (error: unknown) => {
    await readiness.stop();
    throw error;
  });
  const endedAt = performance.now();
  const waits = () => world.clients.filter((client) => (world.answeredAt.get(client) ?? 0) < endedAt);
  const back = until('everybody is answered', () => waits().length === 0, backWithinMs);
  const stalled = await back.then(
    () => [],
    () => waits().map(({ record }) => `${record.label} (${record.sent.at(-1)?.tries.slice(-3).join(', ')})`),
  );
  const backAt = performance.now();
  await pause(calmMs);
  await readiness.stop();
  const { awayUntil } = readiness;
  const { kind, backWithinSeconds } = fault;
  const silenceMs = world.acks.longestMs;
  return { kind, startedAt, endedAt, backAt, awayUntil, backWithinSeconds, silenceMs, stalled };
}
