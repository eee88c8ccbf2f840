import { Inject, Injectable } from '@nestjs/common';
import { type InternalClient, USERS_CLIENT } from '@maru/service-kit';
import { noSuchUser } from './no-such-user';

/** Whether users exist, as api-users knows. Asked at the door; the writer calls no service. */
@Injectable()
export class UserDirectory {
  constructor(@Inject(USERS_CLIENT) private readonly users: InternalClient) {}

  /** @throws CodedError `user_not_found` that names the first unknown one. */
  async mustExist(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const { ids: known } = await this.users.call<{ ids: string[] }>('POST', '/internal/users/existing', {
      ids,
    });
    const missing = ids.find((id) => !known.includes(id));
    if (missing !== undefined) throw noSuchUser(missing);
  }
}
