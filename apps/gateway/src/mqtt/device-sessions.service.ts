import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { CodedError, type OpenDevice, type OpenedDevice, type SaveDevice } from '@maru/contracts';
import { CHAT_CLIENT, InternalClient, LOGGER, type Logger } from '@maru/service-kit';
import { Gathering } from '../core/gathering';
import { type Change, DeviceSession, keyOf } from './device-session';
import type { Hello } from './hello';

/** How often acknowledged seqs are saved: what was not yet is heard again after a gateway was killed. */
const saveMs = 1000;
/** How often it is looked whether sessions went on elsewhere. */
const lookMs = 10_000;
const maxLastWordsMs = 500;
const leaveTries = 5;

/** Sessions of the clients that are connected here. The store has them; a client id of a user has one connection. */
@Injectable()
export class DeviceSessions implements OnModuleInit, OnModuleDestroy, BeforeApplicationShutdown {
  private readonly here = new Map<string, DeviceSession>();
  /** Who comes with the same client id waits until the one before is through. */
  private readonly turns = new Map<string, Promise<unknown>>();
  private readonly leaving = new Set<Promise<void>>();
  private readonly opening: Gathering<OpenDevice, OpenedDevice>;
  private readonly changes: Gathering<SaveDevice, boolean>;
  private timers: NodeJS.Timeout[] = [];

  constructor(
    @Inject(CHAT_CLIENT) chat: InternalClient,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    const call = async <T>(path: string, sessions: readonly object[]): Promise<T[]> =>
      (await chat.call<{ items: T[] }>('POST', `/internal/devices/${path}`, { sessions })).items;
    this.opening = new Gathering((asked) => call<OpenedDevice>('open', asked), { maxWeight: 500 });
    this.changes = new Gathering((asked) => call<boolean>('save', asked), { maxWeight: 500 });
  }

  onModuleInit(): void {
    const each = (ms: number, which: (session: DeviceSession) => boolean): NodeJS.Timeout =>
      setInterval(() => {
        for (const session of this.here.values()) if (which(session)) this.saveQuietly(session);
      }, ms).unref();
    this.timers = [each(saveMs, ({ dirty }) => dirty), each(lookMs, () => true)];
  }

  onModuleDestroy(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  /** What clients acknowledged at last is saved before the end. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.race([Promise.all(this.leaving), delay(maxLastWordsMs, undefined, { ref: false })]);
  }

  /** The session is this connection's from now on; who had it is told so. @throws CodedError when the store is away. */
  async open(userId: string, hello: Hello, takenOver: () => void): Promise<DeviceSession> {
    const key = keyOf({ userId, clientId: hello.clientId });
    const before = this.turns.get(key) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(() => this.openNow(userId, hello, takenOver));
    this.turns.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.turns.get(key) === turn) this.turns.delete(key);
    }
  }

  private async openNow(userId: string, hello: Hello, takenOver: () => void): Promise<DeviceSession> {
    const { clientId, clean, expirySeconds } = hello;
    const before = this.here.get(keyOf({ userId, clientId }));
    if (before !== undefined) {
      before.takenOver();
      if (before.kept) await this.save(before).catch(() => undefined);
    }
    const connection = randomUUID();
    const opened = await this.opening.ask({ userId, clientId, connection, clean, expirySeconds });
    const session = new DeviceSession(opened, connection, expirySeconds, takenOver);
    this.here.set(session.key, session);
    return session;
  }

  /** Resolves once the store has what has changed. @throws CodedError when it has not. */
  save(session: DeviceSession, change: Change = {}): Promise<void> {
    const saved = session.saving.then(async () => {
      const changes = session.takeChanges(change);
      const still = await this.changes.ask(changes).catch((error: unknown) => {
        session.keep(changes);
        throw error;
      });
      if (!still) this.gone(session);
    });
    session.saving = saved.catch(() => undefined);
    return saved;
  }

  /** The connection has ended; the session waits for the next one for `expirySeconds` of it. */
  leave(session: DeviceSession): void {
    const mine = this.here.get(session.key) === session;
    if (mine) this.here.delete(session.key);
    if (!session.everKept || !(mine || session.dirty)) return;
    const left = this.lastSave(session).finally(() => this.leaving.delete(left));
    this.leaving.add(left);
  }

  /** Whether no other connection has it now. */
  async isWithout(session: DeviceSession): Promise<boolean> {
    if (this.here.has(session.key)) return false;
    return this.changes.ask({ ...session.place, cursors: [] });
  }

  private async lastSave(session: DeviceSession): Promise<void> {
    for (let attempt = 1; attempt <= leaveTries; attempt++) {
      try {
        return await this.save(session, { expirySeconds: session.expirySeconds });
      } catch {
        await delay(200 * 2 ** attempt, undefined, { ref: false });
      }
    }
    this.logger.warn({ event: 'device_not_saved', userId: session.opened.userId });
  }

  private saveQuietly(session: DeviceSession): void {
    this.save(session).catch((error: unknown) => {
      if (!(error instanceof CodedError)) this.logger.error({ event: 'device_not_saved', err: error });
    });
  }

  private gone(session: DeviceSession): void {
    if (this.here.get(session.key) !== session) return;
    this.here.delete(session.key);
    session.takenOver();
  }
}
