import { Injectable } from '@nestjs/common';
import {
  CodedError,
  type Command,
  type CommandOf,
  type EditMessage,
  type EventsQuery,
  type MessagesQuery,
  type Posted,
  type PostMessage,
  type RoomPosition,
  systemUserId,
} from '@maru/contracts';
import { v7 as uuidv7 } from 'uuid';
import { DoorService } from '../door/door.service';
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
    return this.send({ type: 'sendMessage', roomId, userId, id, ...content });
  }

  /** For a team's back end, which speaks for nobody. */
  async postAsSystem(roomId: string, { id = uuidv7(), ...content }: PostMessage): Promise<Posted> {
    return this.send({ type: 'sendMessage', roomId, userId: systemUserId, byServer: true, id, ...content });
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
    return this.send({ type: 'sendDirect', roomId, userId, id, toId, ...content });
  }

  /**
   * The answer says where the message stands; what it says is known here, also of a repeat, whose content is the same.
   * Only whom it mentions was for the writer to decide.
   */
  private async send(command: CommandOf<'sendMessage' | 'sendDirect'>): Promise<Posted> {
    const { message, duplicate } = await this.door.ask(command);
    if (message === undefined) throw new CodedError('internal');
    const { id, roomId, userId: senderId, text, kind, metadata, replyTo } = command;
    const { seq, messageNo, createdAt } = message;
    const mentions = command.mentions?.length ? await this.messages.mentions(roomId, seq) : [];
    return {
      type: 'message',
      id,
      roomId,
      seq,
      messageNo,
      senderId,
      text,
      kind,
      metadata,
      ...(replyTo !== undefined && { replyTo }),
      ...(mentions.length > 0 && { mentions }),
      createdAt,
      ...(duplicate && { duplicate }),
    };
  }

  edit(userId: string, roomId: string, seq: number, edit: EditMessage): Promise<RoomPosition> {
    return this.act({ type: 'editMessage', roomId, userId, id: uuidv7(), seq, ...edit });
  }

  delete(userId: string, roomId: string, seq: number): Promise<RoomPosition> {
    return this.act({ type: 'deleteMessage', roomId, userId, id: uuidv7(), seq });
  }

  react(userId: string, roomId: string, seq: number, reaction: string): Promise<RoomPosition> {
    return this.act({ type: 'addReaction', roomId, userId, id: uuidv7(), seq, reaction });
  }

  takeBack(userId: string, roomId: string, seq: number, reaction: string): Promise<RoomPosition> {
    return this.act({ type: 'removeReaction', roomId, userId, id: uuidv7(), seq, reaction });
  }

  private async act(command: Command): Promise<RoomPosition> {
    const { seq } = await this.door.ask(command);
    return { roomId: command.roomId, seq };
  }

  /** A page of messages as JSON text. */
  async page(userId: string, roomId: string, query: MessagesQuery): Promise<string> {
    await this.rooms.mustBeMember(userId, roomId);
    const page = await this.messages.messages(roomId, userId, query);
    if (page === undefined) throw new CodedError('room_not_found');
    return toJsonPage(page.items, `,"seq":${page.seq}`);
  }

  /** A page of events as JSON text. */
  async eventPage(userId: string, roomId: string, { after, limit }: EventsQuery): Promise<string> {
    await this.rooms.mustBeMember(userId, roomId);
    return toJsonPage(await this.messages.events(roomId, after, limit));
  }
}

const toJsonPage = (bodies: string[], more = ''): string => `{"items":[${bodies.join(',')}]${more}}`;
