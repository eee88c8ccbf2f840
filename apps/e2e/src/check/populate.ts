import { ChatClient } from '../support/chat-client';
import type { Door } from '../support/chat-link';
import { ClientRecord } from '../support/record';
import { Rest } from '../support/rest';
import { eachOf, newUsers, type TestUser } from '../support/user';
import { Random } from './random';
import { type CheckRoom, World } from './world';

export interface Crowd {
  users: number;
  rooms: number;
}

/** New users with one or two clients each, spread over the gateways, and rooms that some of them are in. */
export async function populate(urls: readonly string[], seed: number, crowd: Crowd): Promise<World> {
  const world = new World();
  const random = new Random(seed);
  const names = Array.from({ length: crowd.users }, (_, index) => `Person ${index}`);
  world.users.push(...(await newUsers(new Rest(urls[0] ?? ''), names)));
  const pool = new Map<string, string>();
  for (const user of world.users) {
    addClient(world, user, `${user.name} at home`, urls, seed, pool);
    if (random.next() < 0.5) addClient(world, user, `${user.name} on the way`, urls, seed, pool);
  }
  const plans = Array.from({ length: crowd.rooms }, (_, index) => ({
    name: `Room ${index}`,
    visibility: index % 2 === 0 ? ('public' as const) : ('private' as const),
    owner: at(world.users, index),
    members: world.users.filter(() => random.next() < 0.6),
  }));
  world.rooms.push(...(await eachOf(plans, 4, (plan) => makeRoom(world, urls, plan))));
  await Promise.all(world.clients.map((client) => client.connect(30_000)));
  return world;
}

/** Who comes in where, in turn. */
const doors: Door[] = ['websocket', 'ws', 'stomp', 'sse', 'mqtt', 'websocket', 'mqtt', 'polling'];

/** The first gateway of each is another. */
function addClient(
  world: World,
  user: TestUser,
  label: string,
  urls: readonly string[],
  seed: number,
  pool: Map<string, string>,
): void {
  const index = world.clients.length;
  const record = new ClientRecord(user.id, label, pool);
  const own = urls.map((_, turn) => at(urls, index + turn));
  const random = new Random(seed, 1000 + index).next;
  const door = doors[index % doors.length] ?? 'websocket';
  world.clients.push(new ChatClient(user, { urls: own, record, random, door }));
}

async function makeRoom(
  world: World,
  urls: readonly string[],
  plan: { name: string; visibility: 'public' | 'private'; owner: TestUser; members: TestUser[] },
): Promise<CheckRoom> {
  const { name, visibility, owner, members } = plan;
  const memberIds = members.map(({ id }) => id);
  const room = await new Rest(urls[0] ?? '').createRoom(owner.token, { name, visibility, memberIds });
  const client = world.clients.find(({ user }) => user === owner) as ChatClient;
  const userIds = [...new Set([owner.id, ...memberIds])];
  const outcome = { kind: 'acked' as const, seq: room.seq };
  client.record.asked.push({ what: 'create', roomId: room.id, userIds, outcome });
  return { id: room.id, owner: client };
}

const at = <T>(list: readonly T[], index: number): T => list[index % list.length] as T;
