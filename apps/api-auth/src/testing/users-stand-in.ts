import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OwnUser } from '@maru/contracts';

/** Answers `GET /internal/users/:id` as api-users does, for the users that a test has made active. */
export class UsersStandIn {
  private readonly active = new Map<string, OwnUser>();
  private away = false;

  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  static async start(): Promise<UsersStandIn> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const standIn = new UsersStandIn(url, server);
    server.on('request', ({ url: path }, response) => {
      if (standIn.away) return response.destroy();
      const user = standIn.active.get(path?.split('/').at(-1) ?? '');
      return response.writeHead(user ? 200 : 404).end(JSON.stringify(user ?? { code: 'user_not_found' }));
    });
    return standIn;
  }

  activate(id: string, email: string | null): void {
    const createdAt = new Date().toISOString();
    this.active.set(id, { id, email, name: 'Ada', statusMessage: '', createdAt });
  }

  remove(id: string): void {
    this.active.delete(id);
  }

  setAway(away: boolean): void {
    this.away = away;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
