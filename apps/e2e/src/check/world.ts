import type { ChatClient } from '../support/chat-client';
import { Silence } from '../support/silence';
import type { TestUser } from '../support/user';

export interface CheckRoom {
  id: string;
  /** A client of its owner, who never leaves it. */
  owner: ChatClient;
}

/** Everybody and every room of a check, and what is counted over all of them. */
export class World {
  readonly rooms: CheckRoom[] = [];
  readonly users: TestUser[] = [];
  readonly clients: ChatClient[] = [];
  /** How often each kind of operation was done. */
  readonly operations = new Map<string, number>();
  /** The longest time in which no message was acked to anybody. */
  readonly acks = new Silence();
  /** When each client was last answered, as `performance.now()` has it. */
  readonly answeredAt = new Map<ChatClient, number>();

  count(operation: string): void {
    this.operations.set(operation, (this.operations.get(operation) ?? 0) + 1);
  }

  acked(client: ChatClient): void {
    this.acks.broken();
    this.answeredAt.set(client, performance.now());
  }
}
