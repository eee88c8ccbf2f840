import { Injectable } from '@nestjs/common';
import { eventContracts, type UserCreated, type UserDeleted } from '@maru/contracts';
import { addToOutbox, type Transaction } from '@maru/postgres';

type UserEventType = 'user.created' | 'user.updated' | 'user.deleted';

/** Of a user's row what others may know. */
export interface ToldUser {
  id: string;
  version: number;
  name: string;
  statusMessage: string;
}

/** Writes what became of a user to the outbox, in the transaction in which it does. */
@Injectable()
export class UserEvents {
  /** The user's row is locked by `trx`, so his events leave in the order of their versions. */
  async tell(trx: Transaction<never>, type: UserEventType, user: ToldUser): Promise<void> {
    const head = { userId: user.id, version: user.version, at: new Date().toISOString() };
    const event: UserCreated | UserDeleted =
      type === 'user.deleted' ? head : { ...head, name: user.name, statusMessage: user.statusMessage };
    const { topic } = eventContracts[type];
    await addToOutbox(trx, { topic, key: user.id, type, value: JSON.stringify(event) });
  }
}
