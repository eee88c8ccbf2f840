import { Injectable } from '@nestjs/common';
import {
  type BlockEvent,
  eventContracts,
  type FriendEvent,
  type UserCreated,
  type UserDeleted,
} from '@maru/contracts';
import { addToOutbox, sql, type Transaction } from '@maru/postgres';

type UserEventType = 'user.created' | 'user.updated' | 'user.deleted';

/** Of a user's row what others may know. */
export interface ToldUser {
  id: string;
  version: number;
  name: string;
  statusMessage: string;
  picture: string | null;
}

type FriendDeed = 'friend.requested' | 'friend.accepted' | 'friend.declined' | 'friend.removed';
type BlockDeed = 'user.blocked' | 'user.unblocked';
export type DeedType = FriendDeed | BlockDeed;

/** What a user does with another one. */
export interface Deed {
  type: DeedType;
  otherId: string;
}

/** Writes what became of a user to the outbox, in the transaction in which it does. */
@Injectable()
export class UserEvents {
  /** The user's row is locked by `trx`, so his events leave in the order of their versions. */
  async tell(trx: Transaction<never>, type: UserEventType, user: ToldUser): Promise<void> {
    const head = { userId: user.id, version: user.version, at: new Date().toISOString() };
    const event: UserCreated | UserDeleted = type === 'user.deleted' ? head : { ...head, ...profileOf(user) };
    await put(trx, type, event);
  }

  /** Raises the user's version by one a deed. His row is locked by `trx` already, or by this. */
  async tellDeeds(trx: Transaction<never>, userId: string, deeds: readonly Deed[]): Promise<void> {
    if (deeds.length === 0) return;
    const { rows } = await sql<{ version: number }>`
      update users set version = version + ${deeds.length} where id = ${userId} returning version`.execute(
      trx,
    );
    const before = (rows[0]?.version ?? 0) - deeds.length;
    const at = new Date().toISOString();
    await Promise.all(
      deeds.map((deed, index) => {
        const head = { userId, version: before + index + 1, at };
        return put(trx, deed.type, { ...head, ...othersId(deed) });
      }),
    );
  }
}

const profileOf = ({ name, statusMessage, picture }: ToldUser) => ({
  name,
  statusMessage,
  ...(picture !== null && { picture }),
});

const othersId = ({ type, otherId }: Deed): { friendId: string } | { blockedId: string } =>
  type === 'user.blocked' || type === 'user.unblocked' ? { blockedId: otherId } : { friendId: otherId };

/** Statements of one transaction are done in the order in which they are asked for, and so are the outbox's ids. */
async function put(
  trx: Transaction<never>,
  type: UserEventType | DeedType,
  event: UserCreated | UserDeleted | FriendEvent | BlockEvent,
): Promise<void> {
  const { topic } = eventContracts[type];
  await addToOutbox(trx, { topic, key: event.userId, type, value: JSON.stringify(event) });
}
