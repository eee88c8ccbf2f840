import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { SessionEnded, SessionRevoked, SessionStarted } from '@maru/contracts';
import { UsersRepository } from './users.repository';

/** What api-auth tells on `auth.events`: when users logged in and out last. */
@Controller()
export class AuthEventsController {
  constructor(private readonly users: UsersRepository) {}

  @EventPattern('session.started')
  started(@Payload() { userId, at }: SessionStarted): Promise<void> {
    return this.users.loggedIn(userId, at);
  }

  @EventPattern('session.ended')
  ended(@Payload() { userId, at }: SessionEnded): Promise<void> {
    return this.users.loggedOut(userId, at);
  }

  @EventPattern('session.revoked')
  revoked(@Payload() { userId, at }: SessionRevoked): Promise<void> {
    return this.users.loggedOut(userId, at);
  }
}
