import type { ISubscribePacket } from 'mqtt-packet';
import type { Connection } from '../core/connection';
import type { RoomsService } from '../core/rooms.service';
import type { StoreClient } from '../core/store.client';
import type { DeviceSession } from './device-session';
import type { DeviceSessions } from './device-sessions.service';
import { reasons } from './reasons';
import { maxSubscriptions, type Qos } from './subscriptions';
import { type Filter, readFilter } from './topics';

export interface SubscriberParts {
  rooms: RoomsService;
  store: StoreClient;
  sessions: DeviceSessions;
}

/** Subscribes a connection that is `ready`, and has the store know it before the client does. */
export class Subscriber {
  constructor(
    private readonly connection: Connection,
    private readonly session: DeviceSession,
    private readonly parts: SubscriberParts,
  ) {}

  /** @returns for each what was granted, or why not. */
  async subscribe(asked: ISubscribePacket['subscriptions']): Promise<number[]> {
    const answers: number[] = [];
    const before = new Map(this.session.subscriptions.list);
    for (const { topic, qos } of asked) answers.push(await this.one(topic, qos >= 1 ? 1 : 0));
    if (!answers.some((answer) => answer < reasons.unspecified)) return answers;
    try {
      await this.save();
      return answers;
    } catch {
      for (const { topic } of asked) {
        const qos = before.get(topic);
        if (qos === undefined) this.session.subscriptions.delete(topic);
        else this.session.subscriptions.set(topic, qos);
      }
      return answers.map(() => reasons.unspecified);
    }
  }

  /** @returns for each whether there was one. */
  async unsubscribe(filters: readonly string[]): Promise<number[]> {
    const answers = filters.map((filter) =>
      this.session.subscriptions.delete(filter) ? reasons.success : reasons.noSubscription,
    );
    await this.save().catch(() => undefined);
    return answers;
  }

  private async one(topic: string, asked: Qos): Promise<number> {
    const { subscriptions } = this.session;
    if (topic.startsWith('$share/')) return reasons.sharedSubscription;
    const filter = readFilter(topic);
    if (filter === undefined) return reasons.filterInvalid;
    if (!subscriptions.has(topic) && subscriptions.size >= maxSubscriptions) return reasons.quota;
    if (filter.kind === 'room' && !(await this.isMember(filter.roomId))) return reasons.notAuthorized;
    const qos = filter.kind === 'user' ? 0 : asked;
    this.begin(topic, filter, qos);
    return qos;
  }

  /** From here on it hears; what it acknowledges is counted from here, where it did not before. */
  private begin(topic: string, filter: Filter, qos: Qos): void {
    const { subscriptions } = this.session;
    for (const room of this.connection.rooms) {
      const meant = filter.kind === 'rooms' || (filter.kind === 'room' && filter.roomId === room.id);
      if (qos === 0 || !meant || subscriptions.ofRoom(room.id) === 1) continue;
      this.session.acknowledged(room.id, room.positionOf(this.connection) ?? room.sent);
    }
    subscriptions.set(topic, qos);
  }

  /** By what is heard here, or, as he may have joined a moment ago, by the store. */
  private async isMember(roomId: string): Promise<boolean> {
    if (this.parts.rooms.held.get(roomId)?.has(this.connection)) return true;
    try {
      const { rooms } = await this.parts.store.standing(this.connection.userId);
      return rooms.some(([id]) => id === roomId);
    } catch {
      return false;
    }
  }

  private async save(): Promise<void> {
    if (this.session.kept) await this.parts.sessions.save(this.session, { subscriptions: true });
  }
}
