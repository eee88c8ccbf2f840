import { Injectable } from '@nestjs/common';
import {
  CodedError,
  type EventsQuery,
  type MessagesQuery,
  type Posted,
  type PostMessage,
} from '@maru/contracts';
import { v7 as uuidv7 } from 'uuid';
import { DoorService, type Done } from '../door/door.service';
import { directRoomIdOf } from '../door/room-ids';
import { RoomsService } from '../rooms/rooms.service';
import { UserDirectory } from '../users/user-directory';
import { MessagesRepository } from './messages.repository';

@Injectable()
export class MessagesService {
  constructor(
    private readonly messages: MessagesRepository,
    private readonly rooms: RoomsService,
    private readonly door: DoorService,
    private readonly users: UserDirectory,
  ) {}

  /** Resolves after the commit. Without an id the door gives one. */
  async post(userId: string, roomId: string, { id = uuidv7(), ...content }: PostMessage): Promise<Posted> {
    return posted(await this.door.ask({ type: 'sendMessage', roomId, userId, id, ...content }));
  }

  /** Makes the room of the two with their first message. */
  async postDirect(
    userId: string,
    toId: string,
    { id = uuidv7(), ...content }: PostMessage,
  ): Promise<Posted> {
    if (toId === userId) throw new CodedError('bad_request', 'A direct message goes to somebody else.');
    await this.users.mustExist([toId]);
    const roomId = directRoomIdOf(userId, toId);
    return posted(await this.door.ask({ type: 'sendDirect', roomId, userId, id, toId, ...content }));
  }

  /** A page of messages as JSON text. */
  async page(userId: string, roomId: string, query: MessagesQuery): Promise<string> {
    await this.rooms.mustBeMember(userId, roomId);
    return toJsonPage(await this.messages.messages(roomId, query));
  }

  /** A page of events as JSON text. */
  async eventPage(userId: string, roomId: string, { after, limit }: EventsQuery): Promise<string> {
    await this.rooms.mustBeMember(userId, roomId);
    return toJsonPage(await this.messages.events(roomId, after, limit));
  }
}

const toJsonPage = (bodies: string[]): string => `{"items":[${bodies.join(',')}]}`;

function posted({ message, duplicate }: Done): Posted {
  if (message === undefined) throw new CodedError('internal');
  return duplicate === true ? { ...message, duplicate } : message;
}
