import {
  type Ack,
  CodedError,
  type ErrorBody,
  helloMs,
  type ReadyRoom,
  refusalStatus,
} from '@maru/contracts';
import { badRequest } from '@maru/service-kit';
import type { RawData, WebSocket } from 'ws';
import { z } from 'zod';
import type { ClientEvents } from '../commands/client-events.service';
import type { Connection } from '../core/connection';
import type { Arrivals } from '../door/arrivals.service';
import { closeSoon } from '../websocket/websocket.link';
import { askedBy } from './asked';
import { type ClientFrame, FrameReader } from './frame-reader';
import { beatMs, HeartBeats } from './heart-beats';
import { errorHeaders, StompLink } from './stomp.link';
import { destinationOf, Subscriptions } from './subscriptions';

const lastSeq = z.coerce
  .number()
  .int()
  .min(0)
  .max(2 ** 31 - 1)
  .optional();

/** Of a subscription, in characters: frames are kept by it. */
const longestId = 128;

/** One STOMP client, from its CONNECT to its end. */
export class StompTalk {
  private readonly reader = new FrameReader();
  private readonly subscriptions = new Subscriptions();
  private readonly link: StompLink;
  private readonly hello: NodeJS.Timeout;
  private beats: HeartBeats | undefined;
  private connection: Connection | undefined;
  private opened: Promise<void> = Promise.resolve();
  private arriving = false;
  /** When the last SUBSCRIBE or UNSUBSCRIBE has begun. */
  private turn: Promise<void> = Promise.resolve();
  private over = false;

  constructor(
    private readonly socket: WebSocket,
    private readonly arrivals: Arrivals,
    private readonly events: ClientEvents,
  ) {
    this.link = new StompLink(socket, this.subscriptions);
    const late = new CodedError(
      'unauthenticated',
      `No token was shown within ${helloMs / 1000} s: send CONNECT with one.`,
    );
    this.hello = setTimeout(() => this.fail(late), helloMs);
    socket.on('message', (data: RawData) => this.hear(data));
    socket.on('close', () => {
      this.over = true;
      clearTimeout(this.hello);
      this.beats?.stop();
      if (this.connection) this.arrivals.left(this.connection);
    });
  }

  private hear(data: RawData): void {
    this.beats?.heard();
    try {
      for (const frame of this.reader.read(data)) {
        if (this.over) return;
        this.take(frame).catch((error: unknown) => this.fail(error, frame.headers['receipt']));
      }
    } catch (error) {
      this.fail(error);
    }
    this.connection?.checkReading();
  }

  private async take(frame: ClientFrame): Promise<void> {
    const { command, headers } = frame;
    if (command === 'CONNECT' || command === 'STOMP') return this.connect(headers);
    const { connection } = this;
    if (connection === undefined) throw new CodedError('unauthenticated', 'The first frame is CONNECT.');
    switch (command) {
      case 'SEND':
        return this.send(connection, frame);
      case 'SUBSCRIBE':
        return this.inTurn((begun) => this.subscribe(connection, headers, begun));
      case 'UNSUBSCRIBE':
        return this.inTurn(async () => {
          this.subscriptions.remove(headers['id'] ?? '');
          this.receipt(headers['receipt']);
        });
      case 'DISCONNECT':
        this.receipt(headers['receipt']);
        return this.end(1000, '');
      default:
        throw new CodedError(
          'unknown_event',
          `${command.slice(0, 32)} is not known here: CONNECT, SEND, SUBSCRIBE, UNSUBSCRIBE and DISCONNECT are.`,
        );
    }
  }

  private async connect(headers: ClientFrame['headers']): Promise<void> {
    if (this.arriving) throw new CodedError('bad_request', 'This connection is open already.');
    this.arriving = true;
    if (!(headers['accept-version'] ?? '').split(',').includes('1.2')) {
      throw new CodedError('bad_request', 'STOMP 1.2 is spoken here: send accept-version:1.2.');
    }
    const shown =
      headers['Authorization'] ?? headers['authorization'] ?? headers['token'] ?? headers['passcode'] ?? '';
    const identity = await this.arrivals.verify(shown.replace(/^Bearer /i, ''));
    if (this.over) return;
    clearTimeout(this.hello);
    this.beats = new HeartBeats(this.socket, headers['heart-beat']);
    const { userId } = identity;
    this.link.frame('CONNECTED', {
      version: '1.2',
      server: 'maru',
      'heart-beat': `${beatMs},${beatMs}`,
      'user-name': userId,
    });
    const { connection, opened } = this.arrivals.enter(identity, this.link, {});
    this.connection = connection;
    this.opened = opened;
  }

  /** A receipt says that it is committed. Who listens at /user/queue/errors hears of a refusal there and goes on. */
  private async send(connection: Connection, { headers, body }: ClientFrame): Promise<void> {
    const { event, payload } = askedBy(headers, body);
    const { traceparent, tracestate } = headers;
    const traced = traceparent === undefined ? payload : { ...payload, traceparent, tracestate };
    const ack: Ack<Record<string, unknown>> = await this.events.take(connection, event, traced);
    if (!ack.ok) return this.refuse(ack.error, headers['receipt']);
    this.receipt(headers['receipt'], ack);
  }

  /** One SUBSCRIBE or UNSUBSCRIBE after the other has begun: libraries take back what they have just asked for. */
  private inTurn(work: (begun: () => void) => Promise<void>): Promise<void> {
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    const done = this.turn.then(() => work(resolve)).finally(resolve);
    this.turn = begun;
    return done;
  }

  private async subscribe(
    connection: Connection,
    headers: ClientFrame['headers'],
    begun: () => void,
  ): Promise<void> {
    const { id = '', ack = 'auto', destination = '' } = headers;
    if (id === '' || id.length > longestId) {
      throw new CodedError('bad_request', `id: SUBSCRIBE needs one, of at most ${longestId} characters.`);
    }
    if (ack !== 'auto')
      throw new CodedError('bad_request', 'ack: auto is the only one: a resume takes the place of ACK.');
    const at = destinationOf(destination);
    const after = lastSeq.safeParse(headers['last-seq']);
    if (!after.success)
      throw badRequest([{ path: ['last-seq'], message: 'the last seq that was seen of the room' }]);
    await this.events.count(connection);
    await this.opened;
    if (this.over) return;
    if (at.kind !== 'room') {
      this.subscriptions.add(id, at);
      if (at.kind === 'events') {
        connection.send('ready', { rooms: standing(connection) });
        this.arrivals.listens(connection);
      }
      return this.receipt(headers['receipt']);
    }
    const begin = () => {
      this.subscriptions.add(id, at);
      begun();
    };
    const stands = await this.arrivals.hear(connection, at.roomId, after.data, begin);
    connection.send('ready', { rooms: { [at.roomId]: stands } }, at.roomId);
    this.receipt(headers['receipt'], stands);
  }

  private receipt(receipt: string | undefined, outcome: object = {}): void {
    if (receipt === undefined) return;
    const told = Object.entries(outcome).filter(([name]) => name !== 'ok');
    const headers = Object.fromEntries(told.map(([name, value]) => [kebab(name), String(value)]));
    this.link.frame('RECEIPT', { 'receipt-id': receipt, ...headers });
  }

  private refuse(error: ErrorBody, receipt?: string): void {
    const subscription = this.subscriptions.at('/user/queue/errors');
    if (subscription === undefined) return this.endWith(error, receipt);
    const headers = { subscription, destination: '/user/queue/errors', 'message-id': `error/${++told}` };
    this.link.frame('MESSAGE', { ...headers, ...errorHeaders(error, receipt) }, JSON.stringify(error));
  }

  private fail(error: unknown, receipt?: string): void {
    const answer = this.events.refused(this.connection ? 'other' : 'connect', error);
    if (this.connection) this.refuse(answer.error, receipt);
    else this.endWith(answer.error, receipt);
  }

  /** After an ERROR the connection ends, as STOMP has it. */
  private endWith(error: ErrorBody, receipt?: string): void {
    if (this.over) return;
    this.link.frame('ERROR', errorHeaders(error, receipt), JSON.stringify(error));
    this.end(refusalStatus(error), error.code);
  }

  private end(status: number, reason: string): void {
    this.over = true;
    clearTimeout(this.hello);
    closeSoon(this.socket, status, reason);
  }
}

let told = 0;
const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** From where on it hears each of its rooms. */
function standing(connection: Connection): Record<string, ReadyRoom> {
  const rooms: Record<string, ReadyRoom> = {};
  for (const room of connection.rooms) {
    const seq = room.positionOf(connection);
    if (seq !== undefined) rooms[room.id] = { seq, reset: false };
  }
  return rooms;
}
