import { randomUUID } from 'node:crypto';
import type { RoomEvent } from '@maru/contracts';
import { ChatClient, type ClientOptions } from '../support/chat-client';
import { type Finding, judge } from '../support/judge';
import type { Maru } from '../support/maru';
import type { ClientRecord } from '../support/record';
import { newUser, type TestUser } from '../support/user';

/** What the promises of a file are tried on: people, their clients and their rooms, in one Maru. */
export class Scene {
  private readonly clients: ChatClient[] = [];

  constructor(readonly maru: Maru) {}

  user(name: string): Promise<TestUser> {
    return newUser(this.maru.rest(), name);
  }

  /** A connected client at gateway 1 or 2. It is closed at the end. */
  async client(
    user: TestUser,
    gateway: 1 | 2 = 1,
    options: Partial<ClientOptions> = {},
  ): Promise<ChatClient> {
    const client = new ChatClient(user, { urls: [this.maru.urls[gateway - 1] ?? ''], ...options });
    this.clients.push(client);
    return client.connect();
  }

  /** A room with these members, the first of them its owner. */
  async room(visibility: 'public' | 'private', owner: TestUser, ...others: TestUser[]): Promise<string> {
    const name = `Room ${randomUUID().slice(0, 8)}`;
    const memberIds = others.map(({ id }) => id);
    return (await this.maru.rest().createRoom(owner.token, { name, visibility, memberIds })).id;
  }

  events(user: TestUser, roomId: string): Promise<RoomEvent[]> {
    return this.maru.rest().events(user.token, roomId);
  }

  /** Waits until all clients have heard the room to its end, and holds them against history. */
  async verdict(
    user: TestUser,
    roomId: string,
    clients: readonly { record: ClientRecord; caughtUp(roomId: string, seq: number): Promise<void> }[],
  ): Promise<Finding[]> {
    const history = await this.events(user, roomId);
    await Promise.all(clients.map((client) => client.caughtUp(roomId, history.length)));
    return judge(
      new Map([[roomId, history]]),
      clients.map(({ record }) => record),
    );
  }

  close(): void {
    for (const client of this.clients) client.drop();
    this.clients.length = 0;
  }
}
