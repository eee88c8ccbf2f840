import { Body, Controller, Get, Header, Param, Post, Query, Res } from '@nestjs/common';
import {
  type EventsQuery,
  eventsQuery,
  type MessagesQuery,
  messagesQuery,
  type Posted,
  type PostMessage,
  postMessage,
  roomId,
  userId,
} from '@maru/contracts';
import { CurrentUser, type Identity } from '@maru/service-kit';
import type { Response } from 'express';
import { MessagesService } from './messages.service';

const Id = () => Param('id', { schema: roomId });

@Controller('api')
export class MessagesController {
  constructor(private readonly messages: MessagesService) {}

  /** 201 after the commit; 200 with `duplicate: true` for a repeat. */
  @Post('rooms/:id/messages')
  async post(
    @CurrentUser() user: Identity,
    @Id() id: string,
    @Body({ schema: postMessage }) body: PostMessage,
    @Res({ passthrough: true }) response: Response,
  ) {
    return withStatus(response, await this.messages.post(user.userId, id, body));
  }

  @Post('direct/:userId/messages')
  async postDirect(
    @CurrentUser() user: Identity,
    @Param('userId', { schema: userId }) toId: string,
    @Body({ schema: postMessage }) body: PostMessage,
    @Res({ passthrough: true }) response: Response,
  ) {
    return withStatus(response, await this.messages.postDirect(user.userId, toId, body));
  }

  @Get('rooms/:id/messages')
  @Header('content-type', 'application/json; charset=utf-8')
  page(
    @CurrentUser() user: Identity,
    @Id() id: string,
    @Query({ schema: messagesQuery }) query: MessagesQuery,
  ) {
    return this.messages.page(user.userId, id, query);
  }

  @Get('rooms/:id/events')
  @Header('content-type', 'application/json; charset=utf-8')
  eventPage(
    @CurrentUser() user: Identity,
    @Id() id: string,
    @Query({ schema: eventsQuery }) query: EventsQuery,
  ) {
    return this.messages.eventPage(user.userId, id, query);
  }
}

function withStatus(response: Response, message: Posted): Posted {
  response.status(message.duplicate === true ? 200 : 201);
  return message;
}
