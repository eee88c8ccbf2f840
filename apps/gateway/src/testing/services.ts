import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type Circle,
  type CirclesQuery,
  type EventsOfRooms,
  type MembersQuery,
  type OpenDevices,
  type Positions,
  type PositionsQuery,
  type RoomEvent,
  type SaveDevices,
  smallRoomMembers,
  type StandingQuery,
  type UseTicket,
} from '@maru/contracts';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { Devices } from './devices';

type Member = { joinedSeq?: number; leftSeq?: number };

/**
 * What the gateway asks of its neighbours, over real HTTP and by the contracts: a key set and, in memory, a store
 * of rooms. A test decides when the store knows of an event and when the log does.
 */
export class Services {
  readonly rooms = new Map<
    string,
    { events: RoomEvent[]; members: Map<string, Member>; keptFrom?: number }
  >();
  readonly devices = new Devices((userId) =>
    [...this.rooms].flatMap(([roomId, { members }]) => {
      const member = members.get(userId);
      return member ? [{ roomId, joinedSeq: member.joinedSeq ?? 1, leftSeq: member.leftSeq }] : [];
    }),
  );
  private readonly tickets = new Map<string, string>();
  /** Whom users know. */
  readonly circles = new Map<string, Omit<Circle, 'userId'>>();
  /** Requests that reached the services, `METHOD path`. */
  readonly seen: { line: string; headers: IncomingMessage['headers']; body: string }[] = [];
  /** Until it resolves no question of the gateway is answered. */
  hold: Promise<void> = Promise.resolve();
  /** The same for questions about events alone. */
  holdEvents: Promise<void> = Promise.resolve();
  /** The same for what the gateway hands on. */
  holdRest: Promise<void> = Promise.resolve();
  away = false;
  /** Where somebody's rooms stood at these offsets. */
  positions: (offsets: number[] | undefined) => Positions = () => ({ offsets: [], rooms: [] });
  private server: Server | undefined;
  private keys = generateKeyPair('EdDSA', { extractable: true });

  get url(): string {
    return `http://127.0.0.1:${(this.server?.address() as AddressInfo).port}`;
  }

  async start(): Promise<this> {
    const jwk = await exportJWK((await this.keys).publicKey);
    this.server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        this.seen.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
        if (this.away) return request.socket.destroy();
        const asked = async (): Promise<unknown> => {
          if (request.url?.endsWith('jwks.json')) return { keys: [{ ...jwk, kid: 'test', alg: 'EdDSA' }] };
          await this.hold;
          if (request.url === '/internal/positions')
            return this.positions((JSON.parse(body) as PositionsQuery).offsets);
          const ticket = /^\/internal\/tickets\/(.+)/.exec(request.url ?? '')?.[1];
          if (ticket !== undefined) return this.useTicket(ticket, JSON.parse(body) as UseTicket);
          if (request.url === '/internal/standing') return this.standing(JSON.parse(body) as StandingQuery);
          if (request.url === '/internal/circles') return this.circlesOf(JSON.parse(body) as CirclesQuery);
          if (request.url === '/internal/members') return this.membersOf(JSON.parse(body) as MembersQuery);
          if (request.url === '/internal/devices/open')
            return this.devices.open(JSON.parse(body) as OpenDevices);
          if (request.url === '/internal/devices/save')
            return this.devices.save(JSON.parse(body) as SaveDevices);
          if (request.url === '/internal/events') {
            await this.holdEvents;
            return this.events(JSON.parse(body) as EventsOfRooms);
          }
          await this.holdRest;
          return { echo: body, path: request.url };
        };
        void asked().then((answer) => {
          response.setHeader('content-type', 'application/json');
          response.end(JSON.stringify(answer));
        });
      });
    });
    await new Promise<void>((resolve) => this.server?.listen(0, '127.0.0.1', resolve));
    return this;
  }

  /** How often the gateway has asked `path` about somebody or something of this id. */
  asked(path: string, id: string): number {
    return this.seen.filter(({ line, body }) => line.endsWith(path) && body.includes(id)).length;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  async token(userId: string, { seconds = 900, sessionId = randomUUID() } = {}): Promise<string> {
    return new SignJWT({ sid: sessionId })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'test' })
      .setSubject(userId)
      .setIssuer('maru')
      .setAudience('maru')
      .setIssuedAt()
      .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
      .sign((await this.keys).privateKey);
  }

  private useTicket(id: string, { by }: UseTicket): unknown {
    if (!this.tickets.has(id)) this.tickets.set(id, by);
    return { mine: this.tickets.get(id) === by };
  }

  private standing({ userIds }: StandingQuery): unknown {
    const of = (userId: string, left: boolean) =>
      [...this.rooms].flatMap(([roomId, { events, members, keptFrom = 1 }]) => {
        const member = members.get(userId);
        if (member === undefined || (member.leftSeq !== undefined) !== left) return [];
        return [left ? [roomId, member.leftSeq] : [roomId, events.length, member.joinedSeq ?? 1, keptFrom]];
      });
    return { items: userIds.map((userId) => ({ userId, rooms: of(userId, false), left: of(userId, true) })) };
  }

  private circlesOf({ userIds }: CirclesQuery): unknown {
    const none = { friends: [], blockedBy: [] };
    return { items: userIds.map((userId) => ({ userId, ...(this.circles.get(userId) ?? none) })) };
  }

  private membersOf({ roomIds }: MembersQuery): unknown {
    const items = roomIds.map((roomId) => {
      const all = [...(this.rooms.get(roomId)?.members ?? [])];
      const members = all.filter(([, { leftSeq }]) => leftSeq === undefined).map(([userId]) => userId);
      return { roomId, members: members.length > smallRoomMembers ? null : members };
    });
    return { items };
  }

  private events({ rooms }: EventsOfRooms): unknown {
    const items = rooms.flatMap(({ roomId, after, limit }) => {
      const room = this.rooms.get(roomId);
      if (room === undefined) return [];
      const { events, keptFrom = 1 } = room;
      const kept = after + 1 < keptFrom ? [] : events.slice(after, after + limit);
      return [{ roomId, head: events.length, keptFrom, events: kept.map((event) => JSON.stringify(event)) }];
    });
    return { items: items.reverse() };
  }
}
