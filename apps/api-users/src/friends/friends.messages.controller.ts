import { Controller, UseInterceptors } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import type { RequestOf } from '@maru/contracts';
import { ReplyInterceptor } from '@maru/service-kit';
import { FriendsService } from './friends.service';

@Controller()
@UseInterceptors(ReplyInterceptor)
export class FriendsMessagesController {
  constructor(private readonly friends: FriendsService) {}

  @MessagePattern('myFriends')
  list(@Payload() { asker, command }: RequestOf<'myFriends'>) {
    return this.friends.list(asker.userId, command);
  }

  @MessagePattern('addFriends')
  add(@Payload() { asker, command }: RequestOf<'addFriends'>) {
    return this.friends.ask(asker.userId, command);
  }
}
