import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { ReadyRoom, Standing } from '@maru/contracts';
import { LOGGER, type Logger } from '@maru/service-kit';
import { CatchUp, type CatchUpParts } from './catch-up';
import type { Connection } from './connection';
import { CoreMetrics } from './core.metrics';
import { FanOut } from './fan-out.service';
import { Registry } from './registry';
import { type Plan, planResume, type Start } from './resume-plan';
import type { Room } from './room';
import { RoomsService } from './rooms.service';
import { StoreClient } from './store.client';

const tries = 4;

/** Brings a connection into its rooms: missed events first, then `ready`, and live from there. */
@Injectable()
export class OpeningService {
  private readonly parts: CatchUpParts;

  constructor(
    private readonly rooms: RoomsService,
    private readonly registry: Registry,
    private readonly store: StoreClient,
    fanOut: FanOut,
    private readonly metrics: CoreMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.parts = { fanOut, store, metrics };
  }

  /**
   * For a connection that is registered already, so that nothing of its user passes unseen. Resolves after
   * `ready`; a connection whose rooms cannot be had is ended as `unavailable`. `resume`: the last seq by room.
   */
  async open(connection: Connection, resume: Record<string, number>): Promise<void> {
    const asked = await this.rooms.passedBy.during(() => this.standing(connection));
    if (asked.answer === undefined || connection.closed) {
      asked.done();
      return connection.end('unavailable');
    }
    const plan = planResume(asked.answer, resume);
    const reached = this.enterRooms(connection, plan, asked.answer);
    asked.done();
    await Promise.all(reached);
    this.ready(connection, plan);
  }

  /** Rooms that users here have joined without the log telling: they are in them from the head on. */
  async refresh(): Promise<void> {
    await Promise.all([...this.registry.userIds].map((userId) => this.refreshUser(userId)));
  }

  private async refreshUser(userId: string): Promise<void> {
    const { answer, done } = await this.rooms.passedBy.during(() => this.store.standing(userId));
    for (const connection of this.registry.of(userId)) {
      if (connection.opening) continue;
      for (const [roomId, head] of answer.rooms) {
        void this.enter(connection, { roomId, head, after: head, reset: false });
      }
    }
    done();
  }

  private async standing(connection: Connection): Promise<Standing | undefined> {
    for (let attempt = 1; attempt <= tries && !connection.closed; attempt++) {
      try {
        return await this.store.standing(connection.userId);
      } catch (error) {
        this.logger.warn({ event: 'standing_unknown', userId: connection.userId, attempt, err: error });
        await delay(200 * attempt);
      }
    }
    return undefined;
  }

  /** At once, with no step between: what is known of his rooms and what was joined meanwhile become one. */
  private enterRooms(connection: Connection, plan: Plan, standing: Standing): Promise<void>[] {
    const joined = connection.opening?.joined ?? new Map<string, number>();
    if (connection.opening) connection.opening.joined = undefined;
    const reached = plan.starts.map((start) => {
      if (start.reset) this.metrics.resets.inc({ reason: start.reset });
      return this.enter(connection, start);
    });
    const known = new Map([...standing.rooms, ...standing.left]);
    for (const [roomId, seq] of joined) {
      const newer = seq > (known.get(roomId) ?? 0);
      if (newer) void this.enter(connection, { roomId, head: seq - 1, after: seq - 1, reset: false });
    }
    return reached;
  }

  private enter(connection: Connection, { roomId, head, after }: Start): Promise<void> {
    const room = this.rooms.hold(roomId, head);
    if (room.has(connection)) return Promise.resolve();
    return this.attach(connection, room, after, head);
  }

  private attach(connection: Connection, room: Room, after: number, head: number): Promise<void> {
    room.enter(connection);
    const catchUp = new CatchUp(connection, room, after, head, this.parts);
    room.catching.set(connection, catchUp);
    void catchUp.run();
    return catchUp.reached;
  }

  private ready(connection: Connection, { starts, removed }: Plan): void {
    if (connection.closed) return;
    const rooms: Record<string, ReadyRoom> = {};
    for (const { roomId, reset } of starts) {
      const room = this.rooms.held.get(roomId);
      const seq = room?.positionOf(connection);
      rooms[roomId] =
        seq === undefined
          ? { removed: true, seq: connection.opening?.left.get(roomId) ?? 0 }
          : { seq, reset: reset !== false };
    }
    for (const [roomId, seq] of removed) {
      const seen = this.rooms.held.get(roomId)?.positionOf(connection);
      rooms[roomId] = seen === undefined ? { removed: true, seq } : { seq: seen, reset: true };
    }
    connection.opening = undefined;
    connection.send('ready', { rooms });
  }
}
