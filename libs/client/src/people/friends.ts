import type {
  Block,
  BlockedUser,
  Friend,
  FriendNotice,
  FriendRequest,
  Friendship,
  FriendState,
  FriendUpdate,
} from '@maru/contracts';
import { Emitter } from '../emitter';
import { listed, type Rest } from '../rest';

export interface FriendsEvents {
  /** Something between `userId` and `friendId`, one of them this user; the list may read differently now. */
  change: FriendNotice & { what: 'requested' | 'accepted' | 'declined' | 'removed' };
  /** A friend has another name or status message. */
  updated: FriendUpdate;
}

const path = '/users/me/friends';
const blocks = '/users/me/blocks';
const repeatable = true;

/** Friends, requests and blocks. Each may be asked twice. What is asked rejects with a `MaruError`. */
export class Friends extends Emitter<FriendsEvents> {
  /** @internal */
  constructor(private readonly rest: Rest) {
    super();
  }

  /** The newest first. */
  list(state?: FriendState): AsyncGenerator<Friend, void, undefined> {
    return listed(this.rest, path, { state });
  }

  /** Who has asked this user is accepted by that. */
  async ask(...userIds: string[]): Promise<FriendRequest[]> {
    const { items } = await this.rest.post<{ items: FriendRequest[] }>(path, { userIds }, { repeatable });
    return items;
  }

  accept(userId: string): Promise<Friendship> {
    return this.rest.post(`${path}/${userId}/accept`, undefined, { repeatable });
  }

  decline(userId: string): Promise<Friendship> {
    return this.rest.post(`${path}/${userId}/decline`, undefined, { repeatable });
  }

  /** Ends a friendship, takes a request back, or declines one. */
  remove(userId: string): Promise<Friendship> {
    return this.rest.ask('DELETE', `${path}/${userId}`, { repeatable });
  }

  blocked(): AsyncGenerator<BlockedUser, void, undefined> {
    return listed(this.rest, blocks);
  }

  block(userId: string): Promise<Block> {
    return this.rest.post(blocks, { userId }, { repeatable });
  }

  unblock(userId: string): Promise<Block> {
    return this.rest.ask('DELETE', `${blocks}/${userId}`, { repeatable });
  }

  /** @internal */
  take(what: FriendsEvents['change']['what'], notice: FriendNotice): void {
    this.emit('change', { ...notice, what });
  }

  /** @internal */
  updated(update: FriendUpdate): void {
    this.emit('updated', update);
  }
}
