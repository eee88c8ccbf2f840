import { Controller, UseInterceptors } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import type { RequestOf } from '@maru/contracts';
import { ReplyInterceptor } from '@maru/service-kit';
import { RoomsService } from './rooms.service';

@Controller()
@UseInterceptors(ReplyInterceptor)
export class RoomsMessagesController {
  constructor(private readonly rooms: RoomsService) {}

  @MessagePattern('myRooms')
  mine(@Payload() { asker, command }: RequestOf<'myRooms'>) {
    return this.rooms.mine(asker.userId, command);
  }

  @MessagePattern('openRoom')
  async open(@Payload() { asker, command }: RequestOf<'openRoom'>) {
    const { room } = await this.rooms.create(asker.userId, command);
    return room;
  }
}
