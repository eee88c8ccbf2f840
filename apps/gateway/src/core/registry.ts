import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { ClosingCode } from '@maru/contracts';
import { EndedSessions, type Identity } from '@maru/service-kit';
import { GATEWAY_ENV, type GatewayEnv } from '../gateway.config';
import { Connection } from './connection';
import { CoreMetrics } from './core.metrics';
import { closingOf, type Link } from './link';

const none: ReadonlySet<Connection> = new Set();

/** Every connection of this process, by its user; ends those whose session or token has ended. */
@Injectable()
export class Registry implements OnModuleInit, OnModuleDestroy {
  private readonly users = new Map<string, Set<Connection>>();
  /** Connections by the second in which their token runs out. */
  private readonly expiring = new Map<number, Set<Connection>>();
  private timer: NodeJS.Timeout | undefined;
  /** Called for a connection that is ready, and for one that is gone while it is still in its rooms. */
  onReady: (connection: Connection) => void = () => undefined;
  onGone: (connection: Connection) => void = () => undefined;
  /** Called for one that has told whether its user is away, and for one that begins to hear what is for its user. */
  onState: (connection: Connection) => void = () => undefined;
  onListens: (connection: Connection) => void = () => undefined;
  private readonly rules;

  constructor(
    @Inject(GATEWAY_ENV) env: Pick<GatewayEnv, 'MAX_BUFFERED_BYTES'>,
    @Inject(EndedSessions) private readonly ended: Pick<EndedSessions, 'has' | 'onEnded'>,
    private readonly metrics: CoreMetrics,
  ) {
    this.rules = { maxBufferedBytes: env.MAX_BUFFERED_BYTES, end: this.end.bind(this) };
  }

  onModuleInit(): void {
    this.ended.onEnded((userId) => {
      for (const connection of [...this.of(userId)]) {
        if (this.ended.has(connection.identity)) connection.end('session_ended');
      }
    });
    this.timer = setInterval(() => this.endExpired(), 500).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** From now on the user has this connection; one whose session has ended meanwhile is ended at once. */
  add(identity: Identity, link: Link): Connection {
    const connection = new Connection(identity, link, this.rules);
    put(this.users, identity.userId, connection);
    put(this.expiring, identity.expiresAt, connection);
    this.metrics.connections.inc();
    if (this.ended.has(identity)) connection.end('session_ended');
    return connection;
  }

  /** The connection has a new token, of the same user; it is ended when that one's session has ended meanwhile. */
  renew(connection: Connection, identity: Identity): void {
    if (connection.closed) return;
    take(this.expiring, connection.identity.expiresAt, connection);
    connection.identity = identity;
    put(this.expiring, identity.expiresAt, connection);
    if (this.ended.has(identity)) connection.end('session_ended');
  }

  /** The link is gone. */
  remove(connection: Connection): void {
    if (connection.closed) return;
    connection.closed = true;
    this.onGone(connection);
    take(this.users, connection.userId, connection);
    take(this.expiring, connection.identity.expiresAt, connection);
    for (const room of [...connection.rooms]) room.leave(connection);
    this.metrics.connections.dec();
  }

  /** The connection says that its user is away, or is not. */
  say(connection: Connection, away: boolean): void {
    if (connection.closed || connection.away === away) return;
    connection.away = away;
    this.onState(connection);
  }

  /** A connection that was ready before begins to hear what is for its user, where its protocol has it subscribe. */
  listens(connection: Connection): void {
    if (!connection.closed) this.onListens(connection);
  }

  of(userId: string): ReadonlySet<Connection> {
    return this.users.get(userId) ?? none;
  }

  get userIds(): Iterable<string> {
    return this.users.keys();
  }

  *all(): Iterable<Connection> {
    for (const connections of this.users.values()) yield* connections;
  }

  private end(connection: Connection, code: ClosingCode, retryAfterMs?: number): void {
    this.remove(connection);
    this.metrics.closed.inc({ code });
    connection.link.close(closingOf(code, retryAfterMs));
  }

  private endExpired(): void {
    const now = Math.floor(Date.now() / 1000);
    for (const [second, connections] of [...this.expiring]) {
      if (second > now) continue;
      for (const connection of [...connections]) connection.end('token_expired');
    }
  }
}

function put<K>(index: Map<K, Set<Connection>>, key: K, connection: Connection): void {
  const there = index.get(key);
  if (there) there.add(connection);
  else index.set(key, new Set([connection]));
}

function take<K>(index: Map<K, Set<Connection>>, key: K, connection: Connection): void {
  const there = index.get(key);
  there?.delete(connection);
  if (there?.size === 0) index.delete(key);
}
