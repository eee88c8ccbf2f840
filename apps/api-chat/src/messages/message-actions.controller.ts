import { Body, Controller, Delete, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { type EditMessage, editMessage, messageSeqParam, reaction, roomId } from '@maru/contracts';
import { CurrentUser, type Identity } from '@maru/service-kit';
import { MessagesService } from './messages.service';

const Id = () => Param('id', { schema: roomId });
const Seq = () => Param('seq', { schema: messageSeqParam });
const Reaction = () => Param('reaction', { schema: reaction });

@Controller('api/rooms')
export class MessageActionsController {
  constructor(private readonly messages: MessagesService) {}

  @Patch(':id/messages/:seq')
  edit(
    @CurrentUser() user: Identity,
    @Id() id: string,
    @Seq() seq: number,
    @Body({ schema: editMessage }) body: EditMessage,
  ) {
    return this.messages.edit(user.userId, id, seq, body);
  }

  @Delete(':id/messages/:seq')
  delete(@CurrentUser() user: Identity, @Id() id: string, @Seq() seq: number) {
    return this.messages.delete(user.userId, id, seq);
  }

  @Post(':id/messages/:seq/reactions/:reaction')
  @HttpCode(200)
  react(
    @CurrentUser() user: Identity,
    @Id() id: string,
    @Seq() seq: number,
    @Reaction() reactionGiven: string,
  ) {
    return this.messages.react(user.userId, id, seq, reactionGiven);
  }

  @Delete(':id/messages/:seq/reactions/:reaction')
  takeBack(
    @CurrentUser() user: Identity,
    @Id() id: string,
    @Seq() seq: number,
    @Reaction() reactionGiven: string,
  ) {
    return this.messages.takeBack(user.userId, id, seq, reactionGiven);
  }
}
