import { ChatClient } from '../support/chat-client';
import { ClientRecord, type Outcome } from '../support/record';
import { Rest } from '../support/rest';
import { eachOf, newUsers, type TestUser } from '../support/user';
import { bySpeaker, type IrcLine } from './irc-log';

export interface Progress {
  step: 'sign up' | 'join' | 'connect' | 'send';
  done: number;
  of: number;
}

export interface ReplayOptions {
  name: string;
  urls: readonly string[];
  onProgress?: (progress: Progress) => void;
}

/** A log that was replayed into a room: who took part, and what became of each line. */
export interface Replay {
  roomId: string;
  clients: ReadonlyMap<string, ChatClient>;
  outcomes: ReadonlyMap<IrcLine, Outcome>;
}

/**
 * Replays a log into a new room: each name a user who signs up, logs in, joins and connects before the first
 * message. Everybody says his lines in his order, each as soon as the one before is answered.
 */
export async function replay(lines: readonly IrcLine[], options: ReplayOptions): Promise<Replay> {
  const { urls, name } = options;
  const rest = new Rest(urls[0] ?? '');
  const speakers = bySpeaker(lines);
  const tell = (step: Progress['step'], of: number) => {
    let done = 0;
    options.onProgress?.({ step, done, of });
    return () => options.onProgress?.({ step, done: ++done, of });
  };
  const users = await newUsers(rest, [...speakers.keys()], tell('sign up', speakers.size));
  const [owner] = users;
  if (owner === undefined) throw new Error('Nobody says anything in this log.');
  const room = await rest.createRoom(owner.token, { name, visibility: 'public' });
  await each(users, tell('join', users.length), (user) => rest.join(user.token, room.id));
  const pool = new Map<string, string>();
  const clients = users.map((user, index) => clientOf(user, index, urls, pool));
  await each(clients, tell('connect', users.length), (client) => client.connect());
  const sent = tell('send', lines.length);
  const outcomes = new Map<IrcLine, Outcome>();
  const speak = async (client: ChatClient): Promise<void> => {
    for (const line of speakers.get(client.user.name) ?? []) {
      outcomes.set(line, await client.send(room.id, line.text, { kind: line.kind }));
      sent();
    }
  };
  await Promise.all(clients.map(speak));
  return { roomId: room.id, clients: new Map(clients.map((client) => [client.user.name, client])), outcomes };
}

/** Every second one is at the second gateway, and so on. */
function clientOf(
  user: TestUser,
  index: number,
  urls: readonly string[],
  pool: Map<string, string>,
): ChatClient {
  const own = urls.map((_, turn) => urls[(index + turn) % urls.length] ?? '');
  return new ChatClient(user, { urls: own, record: new ClientRecord(user.id, user.name, pool) });
}

async function each<T>(
  items: readonly T[],
  done: () => void,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  await eachOf(items, 32, async (item) => {
    await work(item);
    done();
  });
}
