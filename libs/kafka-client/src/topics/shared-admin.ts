import type { Admin } from 'kafkajs';
import { brokerErrorType, rootCause } from '../kafkajs/client';

interface Client {
  admin: Admin;
  connected: Promise<void>;
  users: number;
  retired: boolean;
}

/**
 * A kafkajs admin that many questions use at once. After an error of the connection who asks next gets a new one, and
 * the old is closed when the last question on it is over: one that is closed under questions connects again for each of
 * them, mixes up their log-ins and leaves connections behind.
 */
export class SharedAdmin {
  private current: Client | undefined;

  constructor(private readonly make: () => Admin) {}

  async use<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    const client = (this.current ??= this.open());
    client.users++;
    try {
      await client.connected;
      return await question(client.admin);
    } catch (error) {
      // A broker that answers is there, but one that says to ask elsewhere may be wrong itself: the next client meets
      // another.
      if (brokerErrorType(error) === undefined || isRetriable(error)) this.retire(client);
      throw error;
    } finally {
      client.users--;
      if (client.retired && client.users === 0) void close(client);
    }
  }

  /** Closes the connection under whatever still uses it. */
  async stop(): Promise<void> {
    const client = this.current;
    if (!client) return;
    this.retire(client);
    await close(client);
  }

  private open(): Client {
    const admin = this.make();
    return { admin, connected: admin.connect(), users: 0, retired: false };
  }

  private retire(client: Client): void {
    client.retired = true;
    if (this.current === client) this.current = undefined;
  }
}

const close = (client: Client): Promise<void> => client.admin.disconnect().catch(() => undefined);
const isRetriable = (error: unknown): boolean => {
  const root = rootCause(error);
  return root instanceof Error && 'retriable' in root && root.retriable === true;
};
