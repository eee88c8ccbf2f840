import { randomUUID } from 'node:crypto';
import type { LoggedIn, TopicName } from '@maru/contracts';
import { cloudEventHeaders, ConsumerService } from '@maru/kafka-client';
import type { Answer, AuthApp } from './auth-app';
import type { UsersStandIn } from './users-stand-in';

export const password = 'correct horse';

export interface Account {
  userId: string;
  email: string;
}

/** A credential, and the user whom it lets in. */
export async function addAccount(auth: AuthApp, users: UsersStandIn): Promise<Account> {
  const account = { userId: randomUUID(), email: `${randomUUID()}@example.org` };
  const credential = { email: account.email, password, attempt: 1 };
  await auth.call('PUT', `/internal/credentials/${account.userId}`, credential);
  users.activate(account.userId, account.email);
  return account;
}

export function logIn(auth: AuthApp, { email }: Account, given = password): Promise<Answer<LoggedIn>> {
  return auth.call<LoggedIn>('POST', '/api/auth/login', { email, password: given });
}

/** Tells an event of a user as api-users does. */
export async function tell(auth: AuthApp, type: string, userId: string, more: object = {}): Promise<void> {
  await auth.producer.send({
    topic: 'users.events',
    key: userId,
    value: JSON.stringify({ userId, version: 1, at: new Date().toISOString(), ...more }),
    headers: cloudEventHeaders({ type, source: '/test', id: randomUUID() }),
  });
}

export interface Told {
  type: string;
  userId: string;
  sessionId: string;
  reason?: string;
}

/** Collects what is told on a topic, from its beginning, the events of a user in their order. */
export async function listen(auth: AuthApp, topic: TopicName): Promise<(userId: string) => Told[]> {
  const told: Told[] = [];
  await auth.app.get(ConsumerService).subscribe({
    group: `listener-${randomUUID()}`,
    topics: [topic],
    fromBeginning: true,
    worker: async (queue) => {
      while (!queue.signal.aborted) {
        for (const record of await queue.next(1000)) {
          const value: unknown = readJson(record.value?.toString() ?? '');
          if (typeof value === 'object') told.push({ type: record.headers.ce_type, ...value } as Told);
        }
      }
    },
  });
  return (userId) => told.filter((event) => event.userId === userId);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Looks again and again until `look` gives something true. */
export async function until(look: () => unknown, withinMs = 10_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await look())) {
    if (Date.now() > deadline) throw new Error(`Not seen within ${withinMs} ms: ${look.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
