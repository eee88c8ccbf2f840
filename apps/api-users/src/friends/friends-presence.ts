import { Inject, Injectable } from '@nestjs/common';
import type { Friend, PresenceOfUser, PresencesQuery } from '@maru/contracts';
import { CHAT_CLIENT, type InternalClient, LOGGER, type Logger } from '@maru/service-kit';

/** How friends are, as api-chat knows. While it is away, lists are without it. */
@Injectable()
export class FriendsPresence {
  constructor(
    @Inject(CHAT_CLIENT) private readonly chat: InternalClient,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Of those who are friends; a request is none yet. */
  async addTo(list: readonly Friend[]): Promise<Friend[]> {
    const userIds = list.filter(({ state }) => state === 'friends').map(({ userId }) => userId);
    if (userIds.length === 0) return [...list];
    const known = new Map((await this.ask(userIds)).map((one) => [one.userId, one]));
    return list.map((friend) => {
      const how = known.get(friend.userId);
      if (how === undefined) return friend;
      const lastSeen = how.state === 'offline' ? how.lastSeen : null;
      return { ...friend, presence: how.state, ...(lastSeen !== null && { lastSeen }) };
    });
  }

  private async ask(userIds: string[]): Promise<PresenceOfUser[]> {
    const query: PresencesQuery = { userIds };
    try {
      const answer = await this.chat.call<{ items: PresenceOfUser[] }>('POST', '/internal/presences', query);
      return answer.items;
    } catch (error) {
      this.logger.warn({ event: 'presence_unknown', users: userIds.length, err: error });
      return [];
    }
  }
}
