import { Controller, UseInterceptors } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import type { RequestOf } from '@maru/contracts';
import { ReplyInterceptor } from '@maru/service-kit';
import { SessionsService } from './sessions.service';

@Controller()
@UseInterceptors(ReplyInterceptor)
export class SessionsMessagesController {
  constructor(private readonly sessions: SessionsService) {}

  @MessagePattern('logOut')
  logOut(@Payload() { asker }: RequestOf<'logOut'>) {
    return this.sessions.logOutOf(asker);
  }
}
