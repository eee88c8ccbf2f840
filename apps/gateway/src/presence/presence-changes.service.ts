import { setImmediate as turn } from 'node:timers/promises';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { type OwnState, presenceGraceMs, type PresenceNotice } from '@maru/contracts';
import type { Connection } from '../core/connection';
import type { ServerEvent } from '../core/frames';
import { Registry } from '../core/registry';
import { type Gone, PresenceBook } from './presence-book';
import { PresenceMetrics } from './presence.metrics';
import { Watchers } from './watchers.service';

/** Changes are gathered for so long; the last state wins. */
const gatherMs = 500;
/** Who asks is answered by another clock, and we look at ours now and then: so near to the end he may be answered `offline`. */
const marginMs = 1500;
/** After so many changes, or so many to be written, others get their turn. */
const changesATurn = 100;
const writesATurn = 5000;

/**
 * Tells those who are connected here how others are: each change once, the state after one that did not last as well, and, to
 * who has just come, how his friends are. What was told is what holds here, so that the one and the other agree.
 */
@Injectable()
export class PresenceChanges implements OnModuleDestroy {
  readonly book = new PresenceBook((userId, was) => this.changed(userId, was));
  private readonly told = new Map<string, OwnState>();
  /**
   * Who may have changed, and whether he has been otherwise than was told for so long that who asked may have been answered so:
   * then he is told of even if he is as before.
   */
  private readonly pending = new Map<string, boolean>();
  /** Until the log has been read to where it ended at the start nothing is told. */
  private begun = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly registry: Registry,
    private readonly watchers: Watchers,
    private readonly metrics: PresenceMetrics,
  ) {
    watchers.onSight = (watcher, userIds) => this.sight(watcher, userIds);
  }

  onModuleDestroy(): void {
    clearTimeout(this.timer);
  }

  /** The log has been read: what it says holds, and those who have just gone may come back. */
  begin(now: number): void {
    for (const userId of this.book.userIds) this.hold(userId);
    for (const userId of [...this.book.goneIds]) {
      if (now - (this.book.gone(userId)?.since ?? -Infinity) < presenceGraceMs)
        this.told.set(userId, 'online');
      else this.book.settle(userId);
    }
    this.begun = true;
    for (const userId of this.book.goneIds) this.changed(userId);
    this.metrics.users.set(this.told.size);
    for (const connection of this.registry.all()) this.present(connection);
  }

  /** For a connection that is ready: those of its user's friends who are there. */
  async came(connection: Connection): Promise<void> {
    await this.watchers.came(connection.userId);
    this.present(connection);
  }

  present(connection: Connection): void {
    const { userId } = connection;
    if (!this.begun || connection.closed || connection.opening || !this.watchers.index.has(userId)) return;
    const items: PresenceNotice[] = [];
    for (const friend of this.watchers.index.friendsOf(userId)) {
      const state = this.told.get(friend);
      if (state !== undefined && this.watchers.index.sees(userId, friend))
        items.push({ userId: friend, state });
    }
    if (items.length > 0) connection.send('presences', { items });
  }

  private hold(userId: string): void {
    const state = this.book.stateOf(userId);
    if (state === 'offline') this.told.delete(userId);
    else this.told.set(userId, state);
  }

  private changed(userId: string, was?: Gone): void {
    if (!this.begun) return;
    const state = this.book.stateOf(userId);
    const late = was !== undefined && performance.now() - was.since > presenceGraceMs - marginMs;
    const otherwise = state !== 'offline' && (late || state !== this.told.get(userId));
    this.pending.set(userId, otherwise || this.pending.get(userId) === true);
    this.timer ??= setTimeout(() => void this.tell(), gatherMs).unref();
  }

  private async tell(): Promise<void> {
    const now = performance.now();
    const notices: PresenceNotice[] = [];
    for (const [userId, otherwise] of this.pending) {
      const notice = this.due(userId, otherwise, now);
      if (notice === 'later') continue;
      this.pending.delete(userId);
      this.book.settle(userId);
      this.hold(userId);
      if (notice !== undefined) notices.push(notice);
    }
    this.metrics.users.set(this.told.size);
    try {
      await this.deliver(notices);
    } finally {
      this.timer = this.pending.size > 0 ? setTimeout(() => void this.tell(), gatherMs).unref() : undefined;
    }
  }

  /** What there is to tell of him, if anything. */
  private due(userId: string, otherwise: boolean, now: number): PresenceNotice | 'later' | undefined {
    const state = this.book.stateOf(userId);
    if (!otherwise && state === (this.told.get(userId) ?? 'offline')) return undefined;
    const gone = this.book.gone(userId);
    if (state === 'offline' && gone !== undefined && now - gone.since < presenceGraceMs) return 'later';
    return { userId, state, ...(state === 'offline' && gone?.lastSeen && { lastSeen: gone.lastSeen }) };
  }

  /** What there is for a connection goes out in one write, or in a few when much has changed. */
  private async deliver(notices: readonly PresenceNotice[]): Promise<void> {
    const byWatcher = new Map<string, ServerEvent[]>();
    let [changes, writes] = [0, 0];
    for (const notice of notices) {
      const event = { name: 'presence', json: JSON.stringify(notice) };
      for (const watcher of this.watchers.index.watchersOf(notice.userId)) {
        const events = byWatcher.get(watcher);
        if (events) events.push(event);
        else byWatcher.set(watcher, [event]);
        writes++;
      }
      if (++changes < changesATurn && writes < writesATurn) continue;
      this.writeAll(byWatcher);
      [changes, writes] = [0, 0];
      await turn();
    }
    this.writeAll(byWatcher);
  }

  private writeAll(byWatcher: Map<string, ServerEvent[]>): void {
    for (const [watcher, events] of byWatcher) this.write(watcher, events);
    byWatcher.clear();
  }

  private write(watcher: string, events: readonly ServerEvent[]): void {
    for (const connection of [...this.registry.of(watcher)]) {
      if (connection.opening !== undefined) continue;
      this.metrics.told.inc(events.length);
      connection.write(connection.link.encoder().encode(events));
    }
  }

  /** A friend or a block more or less: how those are now, as he may see it. */
  private sight(watcher: string, userIds: readonly string[]): void {
    const events = userIds.flatMap((userId) => {
      const told = this.told.get(userId);
      if (told === undefined) return [];
      const state = this.watchers.index.sees(watcher, userId) ? told : 'offline';
      const notice: PresenceNotice = { userId, state };
      return [{ name: 'presence', json: JSON.stringify(notice) }];
    });
    if (events.length > 0) this.write(watcher, events);
  }
}
