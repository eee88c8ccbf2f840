import { Inject, Injectable } from '@nestjs/common';
import type { Circle, CirclesQuery, MembersOfRoom, MembersQuery } from '@maru/contracts';
import { CHAT_CLIENT, type InternalClient, LOGGER, type Logger, USERS_CLIENT } from '@maru/service-kit';
import { Gathering } from '../core/gathering';
import { Registry } from '../core/registry';
import { RoomsService } from '../core/rooms.service';
import { GATEWAY_ENV, type GatewayEnv } from '../gateway.config';
import { KeepingUp } from './keeping-up';
import { PresenceMetrics } from './presence.metrics';
import { WatchIndex } from './watch-index';

/**
 * Knows of the users who are connected here who their friends are, and of the small rooms held here the members: asked
 * of the services, many in one call, and again when an event says that something has changed.
 */
@Injectable()
export class Watchers {
  readonly index = new WatchIndex();
  /** Called when a user may see others otherwise than before: a friend more or less, a block. */
  onSight: (watcher: string, userIds: string[]) => void = () => undefined;
  private readonly circles: Gathering<string, Circle>;
  private readonly members: Gathering<string, MembersOfRoom>;
  private readonly users: KeepingUp;
  private readonly rooms: KeepingUp;

  constructor(
    private readonly registry: Registry,
    private readonly roomsHere: RoomsService,
    @Inject(USERS_CLIENT) private readonly usersClient: InternalClient,
    @Inject(CHAT_CLIENT) private readonly chatClient: InternalClient,
    private readonly metrics: PresenceMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(GATEWAY_ENV) private readonly env: Pick<GatewayEnv, 'PRESENCE_MAX_PAIRS'>,
  ) {
    this.circles = new Gathering((userIds) => this.askCircles(userIds), { maxWeight: 500 });
    this.members = new Gathering((roomIds) => this.askMembers(roomIds), { maxWeight: 200 });
    this.users = new KeepingUp({
      ask: (id) => this.learnUser(id),
      wanted: (id) => this.isHere(id),
    });
    this.rooms = new KeepingUp({
      ask: (id) => this.learnRoom(id),
      wanted: (id) => this.roomsHere.held.has(id),
    });
    roomsHere.onHeld = roomsHere.onMembers = (roomId) => void this.rooms.ask(roomId);
    roomsHere.onLetGo = (roomId) => this.forgetRoom(roomId);
  }

  /** The user has a connection here. Resolves when it is known whom he knows, or when he has gone. */
  async came(userId: string): Promise<void> {
    if (!this.index.has(userId)) await this.users.ask(userId);
  }

  /** The user may have no connection here any more. */
  went(userId: string): void {
    if (this.isHere(userId)) return;
    this.index.drop(userId);
    this.metrics.pairs.set(this.index.pairs);
  }

  /** Something between these users has changed. */
  changed(userIds: readonly string[]): void {
    for (const userId of userIds) if (this.isHere(userId)) void this.users.ask(userId);
  }

  private isHere(userId: string): boolean {
    for (const { closed } of this.registry.of(userId)) if (!closed) return true;
    return false;
  }

  private async learnUser(userId: string): Promise<void> {
    const { friends, blockedBy } = await this.circles.ask(userId);
    if (!this.isHere(userId)) return;
    const { index } = this;
    const known = index.has(userId);
    const before = [...index.friendsOf(userId), ...index.blockedBy(userId)];
    const concerned = [...new Set([...before, ...friends, ...(blockedBy ?? [])])];
    const seen = new Set(concerned.filter((id) => index.sees(userId, id)));
    index.setKnown(userId, this.left > 0 ? friends : [], blockedBy);
    this.metrics.pairs.set(index.pairs);
    const otherwise = concerned.filter((id) => index.sees(userId, id) !== seen.has(id));
    if (known && otherwise.length > 0) this.onSight(userId, otherwise);
  }

  private async learnRoom(roomId: string): Promise<void> {
    const { members } = await this.members.ask(roomId);
    if (members === null || this.left <= 0 || !this.roomsHere.held.has(roomId)) this.index.dropRoom(roomId);
    else this.index.setMembers(roomId, members);
    this.metrics.pairs.set(this.index.pairs);
  }

  private forgetRoom(roomId: string): void {
    this.index.dropRoom(roomId);
    this.metrics.pairs.set(this.index.pairs);
  }

  /** Room for so many pairs more. */
  private get left(): number {
    return this.env.PRESENCE_MAX_PAIRS - this.index.pairs;
  }

  private async askCircles(userIds: readonly string[]): Promise<Circle[]> {
    const query: CirclesQuery = { userIds: [...userIds] };
    const items = await this.call<Circle>(this.usersClient, '/internal/circles', query);
    const byUser = new Map(items.map((circle) => [circle.userId, circle]));
    return userIds.map((userId) => byUser.get(userId) ?? { userId, friends: [], blockedBy: [] });
  }

  private async askMembers(roomIds: readonly string[]): Promise<MembersOfRoom[]> {
    const query: MembersQuery = { roomIds: [...roomIds] };
    const items = await this.call<MembersOfRoom>(this.chatClient, '/internal/members', query);
    const byRoom = new Map(items.map((room) => [room.roomId, room]));
    return roomIds.map((roomId) => byRoom.get(roomId) ?? { roomId, members: null });
  }

  private async call<T>(client: InternalClient, path: string, query: object): Promise<T[]> {
    try {
      return (await client.call<{ items: T[] }>('POST', path, query)).items;
    } catch (error) {
      this.logger.warn({ event: 'watchers_unknown', path, err: error });
      throw error;
    }
  }
}
