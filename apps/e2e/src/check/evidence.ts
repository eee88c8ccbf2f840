import type { MyRoom, RoomEvent } from '@maru/contracts';
import type { ChatClient } from '../support/chat-client';
import { isMember, reachOf } from '../support/finding';
import type { Standing } from '../support/judge-counts';
import type { LogRecord } from '../support/judge-log';
import { appsOf, isReady } from '../support/maru';
import { until } from '../support/until';
import type { ChatEvents } from './chat-events';
import type { CheckStack } from './check-stack';
import type { World } from './world';

export interface Gathered {
  history: Map<string, RoomEvent[]>;
  standings: Standing[];
  log: Map<string, LogRecord[]>;
}

const settleMs = 90_000;
const looks = 8;

/** The apps that do not say that they are ready, however long one waits. */
export async function neverReady(stack: CheckStack): Promise<string[]> {
  const run = stack.read();
  if (!run) return [];
  const waits = appsOf(run).map((url) => until(`${url} is ready`, () => isReady(url), settleMs));
  const waited = await Promise.allSettled(waits);
  return appsOf(run).filter((_, index) => waited[index]?.status === 'rejected');
}

/**
 * Brings everybody back, waits until nothing changes any more, and fetches what the API and `chat.events` say.
 * Who does not catch up in time is left to the judge.
 */
export async function gather(stack: CheckStack, world: World, chatEvents: ChatEvents): Promise<Gathered> {
  for (const client of world.clients) client.link.start();
  await until('everybody logs in anew', () => renewed(world), settleMs);
  await lastLines(world, stack.urls.length);
  for (let look = 1; ; look++) {
    const history = await historyOf(world);
    await settled(world, history).catch(() => undefined);
    const standings = await standingsOf(world);
    const log = await chatEvents.read([...history.keys()]);
    const steady = isSame(heads(history), heads(await historyOf(world)));
    if (steady && isSame(shown(standings), shown(await standingsOf(world))))
      return { history, standings, log };
    if (look === looks) throw new Error(`The rooms still change after ${looks} looks at them.`);
  }
}

/** Access tokens may have run out by now. */
const renewed = (world: World): Promise<boolean> =>
  Promise.all(world.users.map((user) => clientOf(world, user.id).renew())).then(
    () => true,
    () => false,
  );

/** A message by each gateway: what was asked there before is on the log before it. */
async function lastLines(world: World, gateways: number): Promise<void> {
  await Promise.all(
    world.rooms.map(async ({ id, owner }, room) => {
      for (let turn = 0; turn < gateways; turn++)
        await owner.post(id, 'the last line', { id: `last.${room}.${turn}`, turn });
    }),
  );
}

async function historyOf(world: World): Promise<Map<string, RoomEvent[]>> {
  const history = new Map<string, RoomEvent[]>();
  for (const { id, owner } of world.rooms) history.set(id, await owner.rest().events(owner.user.token, id));
  return history;
}

/** Members stand at the heads of their rooms, others know that they are out, and what was reset is fetched. */
async function settled(world: World, history: ReadonlyMap<string, readonly RoomEvent[]>): Promise<void> {
  const stands = world.clients.map(({ record, user }) => {
    const rooms = [...history].map(([roomId, events]) => {
      const member = isMember(reachOf(user.id, events));
      return () => (member ? (record.open(roomId) ?? 0) >= events.length : record.open(roomId) === undefined);
    });
    return () => rooms.every((there) => there());
  });
  await until('everybody stands where his rooms stand', () => stands.every((there) => there()), settleMs);
  await Promise.all(world.clients.map((client) => client.fetched()));
}

/** Each client asks the gateway that is its own. */
async function standingsOf(world: World): Promise<Standing[]> {
  return Promise.all(
    world.clients.map(async (client) => {
      const { token } = client.user;
      const { items: rooms } = await client.rest().myRooms(token);
      const answers = new Map<string, number>();
      for (const { id } of world.rooms) {
        const { status } = await client.rest().ask('GET', `/rooms/${id}/events?limit=1`, token);
        answers.set(id, status);
      }
      return { record: client.record, rooms, answers };
    }),
  );
}

const clientOf = (world: World, userId: string): ChatClient =>
  world.clients.find(({ user }) => user.id === userId) as ChatClient;
const heads = (history: ReadonlyMap<string, readonly RoomEvent[]>) =>
  [...history].map(([roomId, events]) => [roomId, events.length]);
const shown = (standings: readonly Standing[]) =>
  standings.map(({ rooms }) =>
    rooms.map(({ id, seq, readSeq, unread }: MyRoom) => [id, seq, readSeq, unread]),
  );
const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
