import { Controller, UseInterceptors } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import type { RequestOf } from '@maru/contracts';
import { ReplyInterceptor } from '@maru/service-kit';
import { UsersService } from './users.service';

@Controller()
@UseInterceptors(ReplyInterceptor)
export class UsersMessagesController {
  constructor(private readonly users: UsersService) {}

  @MessagePattern('findUsers')
  find(@Payload() { command }: RequestOf<'findUsers'>) {
    return this.users.search(command);
  }

  @MessagePattern('setStatus')
  setStatus(@Payload() { asker, command: { statusMessage } }: RequestOf<'setStatus'>) {
    return this.users.update(asker.userId, { statusMessage });
  }
}
