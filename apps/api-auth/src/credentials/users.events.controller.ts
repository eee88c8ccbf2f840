import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { UserCreated, UserDeleted } from '@maru/contracts';
import { AccountsService } from './accounts.service';

/** What api-users tells on `users.events`. */
@Controller()
export class UsersEventsController {
  constructor(private readonly accounts: AccountsService) {}

  @EventPattern('user.created')
  created(@Payload() event: UserCreated): Promise<void> {
    return this.accounts.confirm(event.userId);
  }

  @EventPattern('user.deleted')
  deleted(@Payload() event: UserDeleted): Promise<void> {
    return this.accounts.remove(event.userId);
  }
}
