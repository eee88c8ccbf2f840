import { CodedError, roomId as roomIdContract } from '@maru/contracts';
import { type Encoder, Frames, type ServerEvent } from '../core/frames';
import { textFrames } from '../websocket/text-frames';
import { stompFrame } from './stomp-frames';

/** Where a client may listen: one room, all that is for him, or what was refused to him. */
export type Destination =
  { kind: 'room'; roomId: string; path: string } | { kind: 'events' | 'errors'; path: string };

const paths = { '/user/queue/events': 'events', '/user/queue/errors': 'errors' } as const;

/** @throws CodedError `not_found` for any other. */
export function destinationOf(path: string): Destination {
  const kind = Object.hasOwn(paths, path) ? paths[path as keyof typeof paths] : undefined;
  if (kind !== undefined) return { kind, path };
  const roomId = /^\/topic\/room\/([^/]+)$/.exec(path)?.[1];
  if (roomId === undefined || !roomIdContract.safeParse(roomId).success) {
    throw new CodedError(
      'not_found',
      'One may subscribe to /topic/room/{roomId}, /user/queue/events and /user/queue/errors.',
    );
  }
  return { kind: 'room', roomId, path };
}

/** A connection listens at so many places at most. */
const maxSubscriptions = 1000;

/** Where one client listens, by the ids that he has given. */
export class Subscriptions {
  private readonly byId = new Map<string, Destination>();
  private readonly idOf = new Map<string, string>();

  /** @throws CodedError when the id or the place is taken, or there are too many. */
  add(id: string, destination: Destination): void {
    if (this.byId.has(id)) throw new CodedError('bad_request', `The subscription ${id} is there already.`);
    if (this.idOf.has(destination.path)) {
      throw new CodedError('bad_request', `${destination.path} is subscribed to already.`);
    }
    if (this.byId.size >= maxSubscriptions) throw new CodedError('too_busy');
    this.byId.set(id, destination);
    this.idOf.set(destination.path, id);
  }

  remove(id: string): void {
    const destination = this.byId.get(id);
    this.byId.delete(id);
    if (destination) this.idOf.delete(destination.path);
  }

  at(path: string): string | undefined {
    return this.idOf.get(path);
  }

  /** A room's events go to the room's own subscription, else to that of all events, else nowhere. */
  encoder(roomId?: string): Encoder {
    const path = `/topic/room/${roomId}`;
    const own = roomId === undefined ? undefined : this.idOf.get(path);
    if (own !== undefined) return encoderOf(own, path);
    const all = this.idOf.get('/user/queue/events');
    return all === undefined ? silent : encoderOf(all, '/user/queue/events');
  }
}

/** Clients of one library name their subscriptions alike, so their frames are shared. */
const encoders = new Map<string, Encoder>();
const maxEncoders = 10_000;
let unnumbered = 0;

function encoderOf(subscription: string, destination: string): Encoder {
  const key = `${subscription}\n${destination}`;
  let encoder = encoders.get(key);
  if (encoder !== undefined) return encoder;
  encoder = {
    encode: (events) =>
      textFrames(
        events.map((event) => stompFrame('MESSAGE', headersOf(event, subscription, destination), event.json)),
      ),
  };
  if (encoders.size >= maxEncoders) encoders.clear();
  encoders.set(key, encoder);
  return encoder;
}

function headersOf(event: ServerEvent, subscription: string, destination: string) {
  const placed =
    'seq' in event && 'roomId' in event ? `${String(event.roomId)}/${String(event.seq)}` : undefined;
  return {
    subscription,
    destination,
    'message-id': placed ?? `${event.name}/${++unnumbered}`,
    type: event.name,
  };
}

/** For who is in a room and does not listen: as many frames, with nothing in them. */
const silent: Encoder = {
  encode: (events) =>
    new Frames(
      Buffer.alloc(0),
      events.map(() => 0),
    ),
};
