import type { Finding } from '../support/finding';
import { judge } from '../support/judge';
import { pause } from '../support/until';
import { Actor } from './actor';
import { ChatEvents } from './chat-events';
import type { CheckStack, Fault } from './check-stack';
import { gather, neverReady } from './evidence';
import { identityOf, kafkaOf, sameIdentity } from './identity';
import { type Crowd, populate } from './populate';
import { Random } from './random';
import { playRound, type Round } from './round';
import type { World } from './world';

export interface CheckOptions extends Partial<Crowd> {
  seed: number;
  minutes: number;
  /** What goes wrong meanwhile, in this order. */
  faults?: readonly Fault[];
  say?: (text: string) => void;
}

export interface CheckResult {
  seed: number;
  /** How long the clients were at it, in seconds. */
  seconds: number;
  world: World;
  rounds: readonly Round[];
  findings: readonly Finding[];
  /** Events of all rooms. */
  events: number;
}

/**
 * Lets many clients do what the seed says while faults are thrown, then judges what they wrote down, the public
 * API and `chat.events`. Rejects when it could not be carried through, which says nothing of Maru's promises.
 */
export async function check(stack: CheckStack, options: CheckOptions): Promise<CheckResult> {
  const { seed, minutes, faults = [], users = 12, rooms = 8, say = () => undefined } = options;
  const before = await identityOf(stack);
  const chatEvents = await ChatEvents.fromHere(kafkaOf(stack));
  const world = await populate(stack.urls, seed, { users, rooms });
  try {
    say(`${world.clients.length} clients of ${users} users in ${rooms} rooms begin`);
    const start = performance.now();
    const rounds = await actAll(stack, world, seed, start + minutes * 60_000, faults, say);
    const seconds = (performance.now() - start) / 1000;
    say('All have finished; what they wrote down is judged');
    const stuck = stalls(rounds, await neverReady(stack));
    const { history, standings, log } = await gather(stack, world, chatEvents).catch((error: Error) => {
      const before = stuck.map(({ text }) => `${text}; `).join('');
      throw new Error(`${before}${error.message}`, { cause: error });
    });
    sameIdentity(before, await identityOf(stack));
    const records = world.clients.map(({ record }) => record);
    const findings = [...judge(history, records, { log, standings }), ...stuck];
    const events = [...history.values()].reduce((sum, list) => sum + list.length, 0);
    return { seed, seconds, world, rounds, findings, events };
  } finally {
    for (const client of world.clients) client.drop();
  }
}

function stalls(rounds: readonly Round[], neverReady: readonly string[]): Finding[] {
  const clients = rounds.flatMap(({ kind, stalled }) =>
    stalled.map((who) => `after "${kind}" ${who} was not answered again`),
  );
  const apps = neverReady.map((url) => `the app at ${url} was never ready again`);
  return [...clients, ...apps].map((text) => ({ kind: 'stalled', text }));
}

/** Everybody acts until the time is over; faults come one after another as long as they fit in. */
async function actAll(
  stack: CheckStack,
  world: World,
  seed: number,
  deadline: number,
  faults: readonly Fault[],
  say: (text: string) => void,
): Promise<Round[]> {
  let over = false;
  const acting = Promise.all(
    world.clients.map((client, index) =>
      new Actor(`c${index}`, client, world, new Random(seed, index + 1)).act(() => !over),
    ),
  );
  const left = () => deadline - performance.now();
  const rounds: Round[] = [];
  const random = new Random(seed, world.clients.length + 1).next;
  const play = async (): Promise<void> => {
    for (const fault of faults) {
      if (left() < fault.minSeconds * 1000) continue;
      say(fault.kind);
      rounds.push(await playRound(fault, stack, world, random));
    }
    await pause(Math.max(0, left()));
  };
  try {
    // A client that breaks down ends the check at once.
    await Promise.race([play(), acting]);
  } finally {
    over = true;
  }
  await acting;
  return rounds;
}
