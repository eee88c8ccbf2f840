import { Inject, Injectable } from '@nestjs/common';
import type {
  EventsOfRoom,
  EventsOfRooms,
  Positions,
  PositionsQuery,
  Standing,
  StandingQuery,
} from '@maru/contracts';
import { CHAT_CLIENT, InternalClient } from '@maru/service-kit';
import { CoreMetrics } from './core.metrics';
import { Gathering } from './gathering';
import { type CarriedEvent, carriedEvent } from './room-event';

/** Events of a room as the store has them; `head` is the room's seq when they were read, `keptFrom` the first seq that is kept. */
export interface StoredEvents {
  head: number;
  keptFrom: number;
  events: CarriedEvent[];
}

interface EventsQuestion {
  roomId: string;
  after: number;
  limit: number;
}

/** Asks api-chat, for many connections and rooms in one call. @throws CodedError `unavailable` when it is away. */
@Injectable()
export class StoreClient {
  private readonly standings: Gathering<string, Standing>;
  private readonly events: Gathering<EventsQuestion, StoredEvents>;
  private readonly asked = new Map<string, Promise<StoredEvents>>();

  constructor(
    @Inject(CHAT_CLIENT) private readonly chat: InternalClient,
    private readonly metrics: CoreMetrics,
  ) {
    this.standings = new Gathering((userIds) => this.askStandings(userIds), { maxWeight: 500 });
    this.events = new Gathering((questions) => this.askEvents(questions), {
      maxWeight: 5000,
      weightOf: ({ limit }) => limit,
    });
  }

  /** The user's rooms with their heads, read after this call, and the rooms he has left. */
  standing(userId: string): Promise<Standing> {
    return this.standings.ask(userId);
  }

  /**
   * Up to `limit` events after `after`, in order; none when the first of them lies below `keptFrom`, and none will come then. Who
   * asks the same at the same time shares the answer.
   */
  eventsAfter(roomId: string, after: number, limit: number): Promise<StoredEvents> {
    const key = `${roomId}/${after}/${limit}`;
    let answer = this.asked.get(key);
    if (answer === undefined) {
      answer = this.events.ask({ roomId, after, limit }).finally(() => this.asked.delete(key));
      this.asked.set(key, answer);
    }
    return answer;
  }

  /** Where the user's rooms stood when the commands below `offsets` were decided. */
  positions(query: PositionsQuery): Promise<Positions> {
    this.metrics.storeCalls.inc({ call: 'positions' });
    return this.chat.call<Positions>('POST', '/internal/positions', query);
  }

  private async askStandings(userIds: readonly string[]): Promise<Standing[]> {
    this.metrics.storeCalls.inc({ call: 'standing' });
    const query: StandingQuery = { userIds: [...new Set(userIds)] };
    const { items } = await this.chat.call<{ items: Standing[] }>('POST', '/internal/standing', query);
    const byUser = new Map(items.map((item) => [item.userId, item]));
    return userIds.map((userId) => byUser.get(userId) ?? { userId, rooms: [], left: [] });
  }

  private async askEvents(questions: readonly EventsQuestion[]): Promise<StoredEvents[]> {
    this.metrics.storeCalls.inc({ call: 'events' });
    const query: EventsOfRooms = { rooms: onePerRoom(questions) };
    const { items } = await this.chat.call<{ items: EventsOfRoom[] }>('POST', '/internal/events', query);
    const byRoom = new Map(
      items.map(({ roomId, events, ...room }) => [roomId, { ...room, events: events.map(carriedEvent) }]),
    );
    return questions.map(({ roomId, after, limit }) => {
      const { head, keptFrom = 1, events } = byRoom.get(roomId) ?? { head: 0, events: [] };
      return { head, keptFrom, events: events.filter((event) => event.seq > after).slice(0, limit) };
    });
  }
}

/** Questions about the same room as one that covers them all. */
function onePerRoom(questions: readonly EventsQuestion[]): EventsQuestion[] {
  const ranges = new Map<string, { after: number; upTo: number }>();
  for (const { roomId, after, limit } of questions) {
    const range = ranges.get(roomId);
    ranges.set(roomId, {
      after: Math.min(after, range?.after ?? after),
      upTo: Math.max(after + limit, range?.upTo ?? 0),
    });
  }
  return [...ranges].map(([roomId, { after, upTo }]) => ({
    roomId,
    after,
    limit: Math.min(upTo - after, maxEventsOfRoom),
  }));
}

/** The most that api-chat gives of one room at once. */
const maxEventsOfRoom = 1000;
