import { Injectable } from '@nestjs/common';
import {
  type AskFriends,
  type BlockedUser,
  type Block,
  CodedError,
  type Friend,
  type FriendRequest,
  type Friendship,
  type FriendsQuery,
  type ListQuery,
} from '@maru/contracts';
import { OutboxRelay } from '@maru/postgres';
import type { Page } from '@maru/service-kit';
import { FriendListsRepository } from './friend-lists.repository';
import { FriendsPresence } from './friends-presence';
import { FriendsRepository } from './friends.repository';
import {
  acceptFriend,
  askFriends,
  blockUser,
  type Decision,
  declineFriend,
  removeFriend,
  type Standing,
  unblockUser,
} from './standing';

/** All of it may be asked again: what is done already changes nothing, is told to nobody, and is answered alike. */
@Injectable()
export class FriendsService {
  constructor(
    private readonly friends: FriendsRepository,
    private readonly lists: FriendListsRepository,
    private readonly presence: FriendsPresence,
    private readonly outbox: OutboxRelay<never>,
  ) {}

  async list(userId: string, query: FriendsQuery): Promise<Page<Friend>> {
    const page = await this.lists.friends(userId, query);
    return { ...page, items: await this.presence.addTo(page.items) };
  }

  blocked(userId: string, query: ListQuery): Promise<Page<BlockedUser>> {
    return this.lists.blocked(userId, query);
  }

  async ask(userId: string, { userIds }: AskFriends): Promise<{ items: FriendRequest[] }> {
    const ids = [...new Set(userIds)];
    return { items: await this.change(userId, ids, (standing) => askFriends(standing, ids)) };
  }

  async accept(userId: string, otherId: string): Promise<Friendship> {
    return { userId: otherId, state: await this.changeOne(userId, otherId, acceptFriend) };
  }

  async decline(userId: string, otherId: string): Promise<Friendship> {
    return { userId: otherId, state: await this.changeOne(userId, otherId, declineFriend) };
  }

  async remove(userId: string, otherId: string): Promise<Friendship> {
    return { userId: otherId, state: await this.changeOne(userId, otherId, removeFriend) };
  }

  async block(userId: string, otherId: string): Promise<Block> {
    return { userId: otherId, blocked: await this.changeOne(userId, otherId, blockUser) };
  }

  async unblock(userId: string, otherId: string): Promise<Block> {
    return { userId: otherId, blocked: await this.changeOne(userId, otherId, unblockUser) };
  }

  private changeOne<T>(
    userId: string,
    otherId: string,
    decide: (standing: Standing, id: string) => Decision<T>,
  ): Promise<T> {
    return this.change(userId, [otherId], (standing) => decide(standing, otherId));
  }

  private async change<T>(
    userId: string,
    otherIds: readonly string[],
    decide: (standing: Standing) => Decision<T>,
  ): Promise<T> {
    if (otherIds.includes(userId)) throw new CodedError('bad_request', 'This is for other users than you.');
    const answer = await this.friends.change(userId, otherIds, decide);
    this.outbox.wake();
    return answer;
  }
}
