import { Injectable, type OnModuleInit } from '@nestjs/common';
import { CodedError, handshake, helloMs, refusalStatus } from '@maru/contracts';
import { badRequest } from '@maru/service-kit';
import type { RawData, WebSocket } from 'ws';
import { z } from 'zod';
import { ClientEvents } from '../commands/client-events.service';
import type { Connection } from '../core/connection';
import type { Encoder } from '../core/frames';
import { Arrivals } from '../door/arrivals.service';
import { textFrames } from './text-frames';
import { Upgrades } from './upgrades.service';
import { closeSoon, closingEvent, WebSocketLink, type Wording } from './websocket.link';

/** `{"event": name, "body": …}`, the JSON as it stands. */
const encoder: Encoder = {
  encode: (events) =>
    textFrames(events.map(({ name, json }) => [`{"event":${JSON.stringify(name)},"body":`, json, '}'])),
};
const wording: Wording = {
  encoder: () => encoder,
  closing: (closing) => encoder.encode([closingEvent(closing)]),
};

/** What is done to a message. A number is a count of who asks, and the next connection counts anew. */
const actions = ['editMessage', 'deleteMessage', 'addReaction', 'removeReaction'];

/** A client's frame. Any `id` that is text or a number comes back as `reply`. */
const asked = z.looseObject({ type: z.string(), id: z.union([z.string().max(64), z.number()]).optional() });
type Asked = z.infer<typeof asked>;

/**
 * The plain WebSocket door, `/ws`: JSON frames `{id, type, …}` in, `{reply}` and `{event}` out. The first frame is
 * `connect` with the token.
 */
@Injectable()
export class WebSocketDoor implements OnModuleInit {
  constructor(
    private readonly upgrades: Upgrades,
    private readonly arrivals: Arrivals,
    private readonly events: ClientEvents,
  ) {}

  onModuleInit(): void {
    this.upgrades.open('/ws', { take: (socket) => void new Talk(socket, this.arrivals, this.events) });
  }
}

/** One socket, from its first frame to its end. */
class Talk {
  private connection: Connection | undefined;
  private arriving = false;
  private readonly hello: NodeJS.Timeout;

  constructor(
    private readonly socket: WebSocket,
    private readonly arrivals: Arrivals,
    private readonly events: ClientEvents,
  ) {
    this.hello = setTimeout(() => this.turnAway(new CodedError('unauthenticated', lateHello)), helloMs);
    socket.on('message', (data: RawData, isBinary: boolean) => void this.take(data, isBinary));
    socket.on('close', () => {
      clearTimeout(this.hello);
      if (this.connection) this.arrivals.left(this.connection);
    });
  }

  private async take(data: RawData, isBinary: boolean): Promise<void> {
    let frame: Asked;
    try {
      frame = read(data, isBinary);
    } catch (error) {
      return this.connection
        ? this.reply(undefined, await this.events.refuse(this.connection, 'other', error))
        : this.turnAway(error);
    }
    const { id, type, ...payload } = frame;
    if (this.connection === undefined) return this.welcome(frame);
    this.connection.checkReading();
    if (type === 'ping') return this.pong(id);
    // The frame's id is the message's own, the same over all resends.
    const named =
      id !== undefined && (type === 'sendMessage' || (actions.includes(type) && typeof id === 'string'));
    const body = named ? { ...payload, id: String(id) } : payload;
    this.reply(id, await this.events.take(this.connection, type, body));
  }

  /** Pages see no pings of WebSocket's own, and want to know whether the line is alive. */
  private async pong(id: Asked['id']): Promise<void> {
    const { connection } = this;
    if (connection === undefined) return;
    const answer = await this.events.count(connection).then(
      () => ({ ok: true }),
      (limited: unknown) => this.events.refused('ping', limited),
    );
    this.reply(id, answer);
  }

  private reply(id: Asked['id'], answer: object): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    this.socket.send(JSON.stringify({ reply: id ?? null, ...answer }));
    this.connection?.checkReading();
  }

  /** The first frame. What comes before it has been answered is refused: nobody knows yet who asks. */
  private async welcome({ id, type, ...auth }: Asked): Promise<void> {
    if (type !== 'connect' || this.arriving) {
      return this.turnAway(
        new CodedError('unauthenticated', 'The first frame is connect, with a token.'),
        id,
      );
    }
    this.arriving = true;
    try {
      const result = handshake.safeParse(auth);
      if (!result.success) throw badRequest(result.error.issues);
      const { token, resume = {} } = result.data;
      const identity = await this.arrivals.verify(token);
      if (this.socket.readyState !== this.socket.OPEN) return;
      clearTimeout(this.hello);
      const { userId, expiresAt } = identity;
      this.reply(id, { ok: true, userId, expiresAt: new Date(expiresAt * 1000).toISOString() });
      ({ connection: this.connection } = this.arrivals.enter(
        identity,
        new WebSocketLink(this.socket, wording),
        resume,
      ));
    } catch (error) {
      this.turnAway(error, id);
    }
  }

  private turnAway(error: unknown, id?: Asked['id']): void {
    clearTimeout(this.hello);
    const answer = this.events.refused('connect', error);
    this.reply(id, answer);
    closeSoon(this.socket, refusalStatus(answer.error), answer.error.code);
  }
}

const lateHello = `No token was shown within ${helloMs / 1000} s: connect with one in the first frame.`;

function read(data: RawData, isBinary: boolean): Asked {
  if (isBinary) throw new CodedError('bad_request', 'Frames are text, with JSON in it.');
  let json: unknown;
  try {
    json = JSON.parse((data as Buffer).toString());
  } catch {
    throw new CodedError('invalid_json', 'The frame is not JSON: send an object with id and type.');
  }
  const result = asked.safeParse(json);
  if (!result.success) throw badRequest(result.error.issues);
  return result.data;
}
