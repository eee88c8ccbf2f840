import { Injectable } from '@nestjs/common';
import {
  CodedError,
  type FindUsers,
  type Me,
  type OwnUser,
  type PublicUser,
  type UpdateMe,
} from '@maru/contracts';
import { OutboxRelay } from '@maru/postgres';
import { UsersRepository } from './users.repository';

/** All but `search` and `existing` throw CodedError `user_not_found`. */
@Injectable()
export class UsersService {
  constructor(
    private readonly users: UsersRepository,
    private readonly outbox: OutboxRelay<never>,
  ) {}

  async me(id: string): Promise<Me> {
    return mustBe(await this.users.findMe(id));
  }

  async get(id: string): Promise<PublicUser> {
    return mustBe(await this.users.find(id));
  }

  async own(id: string): Promise<OwnUser> {
    return mustBe(await this.users.findOwn(id));
  }

  async search(query: FindUsers): Promise<{ items: PublicUser[] }> {
    return { items: await this.users.search(query) };
  }

  async existing(ids: string[]): Promise<{ ids: string[] }> {
    return { ids: await this.users.existing(ids) };
  }

  async update(id: string, change: UpdateMe): Promise<Me> {
    const me = mustBe(await this.users.update(id, change));
    this.outbox.wake();
    return me;
  }

  /** The e-mail is free at once; credential and sessions end when api-auth hears of it. */
  async remove(id: string): Promise<void> {
    if (!(await this.users.remove(id))) throw new CodedError('user_not_found');
    this.outbox.wake();
  }
}

function mustBe<T>(user: T | undefined): T {
  if (user === undefined) throw new CodedError('user_not_found');
  return user;
}
