import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { ReadyRoom, Standing } from '@maru/contracts';
import { LOGGER, type Logger } from '@maru/service-kit';
import { Registrations } from '../routing/registrations.service';
import { CatchUp, type CatchUpParts } from './catch-up';
import type { Connection } from './connection';
import { CoreMetrics } from './core.metrics';
import { FanOut } from './fan-out.service';
import { Registry } from './registry';
import { type Plan, planResume } from './resume-plan';
import { RoomsService } from './rooms.service';
import { StoreClient } from './store.client';

const tries = 4;
const maxPauseMs = 2000;

/** Brings a connection into its rooms: missed events first, then `ready`, and live from there. */
@Injectable()
export class OpeningService {
  private readonly parts: CatchUpParts;
  /** How often events were lost on the log: an answer that was asked for before may lack a join among them. */
  private losses = 0;

  constructor(
    private readonly rooms: RoomsService,
    private readonly registry: Registry,
    private readonly store: StoreClient,
    fanOut: FanOut,
    private readonly registrations: Registrations,
    private readonly metrics: CoreMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.parts = { fanOut, store, metrics };
  }

  /**
   * For a connection that is registered already, so that nothing of its user passes unseen. Resolves after
   * `ready`; a connection whose rooms cannot be had is ended as `unavailable`. `resume`: the last seq by room; `whole`:
   * of every room that he was in, so that any other has been joined since and is his from there on.
   */
  async open(connection: Connection, resume: Record<string, number>, whole = false): Promise<void> {
    const { losses } = this;
    if (!(await this.registered(connection))) return connection.end('unavailable');
    const asked = await this.rooms.passedBy.during(() => this.standing(connection));
    if (asked.answer === undefined || connection.closed) {
      asked.done();
      return connection.end('unavailable');
    }
    if (losses !== this.losses) {
      asked.done();
      return this.open(connection, resume, whole);
    }
    const plan = planResume(asked.answer, resume, whole);
    const entered = this.enterRooms(connection, plan, asked.answer);
    asked.done();
    await Promise.all(entered.resumed.map(({ reached }) => reached));
    this.ready(connection, plan);
    for (const catchUp of entered.anew) void catchUp.run();
  }

  /**
   * A connection that is `ready` begins to hear one of its rooms, of which it was told nothing so far: where it
   * stands, or, with `after`, what came after that first. `begin` is called at the point from which on it hears.
   */
  async hear(
    connection: Connection,
    roomId: string,
    after: number | undefined,
    begin: () => void,
  ): Promise<ReadyRoom> {
    const standing = after === undefined ? undefined : await this.standing(connection);
    if (after !== undefined && standing === undefined) connection.end('unavailable');
    const room = this.rooms.held.get(roomId);
    begin();
    if (room?.has(connection) !== true) return { removed: true, seq: connection.outSince(roomId) };
    const start = standing?.rooms.some(([id]) => id === roomId)
      ? planResume(onlyRoom(standing, roomId), { [roomId]: after ?? 0 }).starts[0]
      : undefined;
    if (start === undefined || start.reset !== false) {
      return { seq: room.positionOf(connection) ?? room.sent, reset: after !== undefined };
    }
    room.leave(connection);
    const catchUp = this.enter(connection, roomId, start.head, start.after);
    void catchUp?.run();
    await catchUp?.reached;
    const seq = room.positionOf(connection);
    return seq === undefined ? { removed: true, seq: connection.outSince(roomId) } : { seq, reset: false };
  }

  /** Events were lost on the log: who joined a room by one of them is brought in. Resolves when all are. */
  async refresh(): Promise<void> {
    this.lost();
    await Promise.all([...this.registry.userIds].map((userId) => this.refreshUser(userId)));
  }

  /** What was asked for before may lack a join: it is asked for again. */
  lost(): void {
    this.losses++;
  }

  /** Brings the user into rooms that he has joined unseen. */
  async refreshUser(userId: string): Promise<void> {
    // Those whose rooms are still being asked for ask again by themselves.
    const those = () => [...this.registry.of(userId)].filter(({ opening }) => opening?.joined === undefined);
    for (let pauseMs = 100; those().length > 0; pauseMs = Math.min(2 * pauseMs, maxPauseMs)) {
      try {
        const { answer, done } = await this.rooms.passedBy.during(() => this.store.standing(userId));
        for (const connection of those()) this.bringIn(connection, answer);
        return done();
      } catch (error) {
        if (pauseMs === 100) this.logger.warn({ event: 'standing_unknown', userId, err: error });
        await delay(pauseMs);
      }
    }
  }

  /** Into rooms that he is in by the store, from his memberJoined on, unless he is known to have left since. */
  private bringIn(connection: Connection, { rooms }: Standing): void {
    for (const [roomId, head, joinedSeq] of rooms) {
      if (joinedSeq > connection.outSince(roomId))
        void this.enter(connection, roomId, head, joinedSeq - 1)?.run();
    }
  }

  private async registered(connection: Connection): Promise<boolean> {
    try {
      await this.registrations.held('user', connection.userId);
      return true;
    } catch (error) {
      this.logger.warn({ event: 'not_registered', userId: connection.userId, err: error });
      return false;
    }
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

  /**
   * At once, with no step between: what is known of his rooms and what was joined meanwhile become one. Rooms that
   * the client does not resume have to wait for `ready`: before it their events would come out of nowhere.
   */
  private enterRooms(connection: Connection, plan: Plan, standing: Standing): Entered {
    const joined = connection.opening?.joined ?? new Map<string, number>();
    if (connection.opening) connection.opening.joined = undefined;
    for (const [roomId, seq] of standing.left) connection.leftAt(roomId, seq);
    const entered: Entered = { resumed: [], anew: [] };
    for (const { roomId, head, after, resumed, reset } of plan.starts) {
      if (reset) this.metrics.resets.inc({ reason: reset });
      const catchUp = this.enter(connection, roomId, head, after);
      if (catchUp) (resumed ? entered.resumed : entered.anew).push(catchUp);
    }
    const known = new Map(standing.rooms.map(([roomId, head]) => [roomId, head]));
    for (const [roomId, seq] of joined) {
      const newer = seq > Math.max(known.get(roomId) ?? 0, connection.outSince(roomId));
      if (newer) void this.enter(connection, roomId, seq - 1, seq - 1)?.run();
    }
    for (const catchUp of entered.resumed) void catchUp.run();
    return entered;
  }

  /** `head`: the seq at which he is known to be a member. `after`: the client has everything up to there. */
  private enter(connection: Connection, roomId: string, head: number, after: number): CatchUp | undefined {
    const room = this.rooms.hold(roomId, head);
    if (connection.closed || room.has(connection)) return undefined;
    room.enter(connection);
    const catchUp = new CatchUp(connection, room, after, head, this.parts);
    room.catching.set(connection, catchUp);
    return catchUp;
  }

  private ready(connection: Connection, { starts, removed }: Plan): void {
    if (connection.closed) return;
    const positions = new Map([...connection.rooms].map((room) => [room.id, room.positionOf(connection)]));
    const rooms: Record<string, ReadyRoom> = {};
    for (const { roomId, reset } of starts) {
      const seq = positions.get(roomId);
      rooms[roomId] =
        seq === undefined
          ? { removed: true, seq: connection.outSince(roomId) }
          : { seq, reset: reset !== false };
    }
    for (const [roomId, seq] of removed) {
      const seen = positions.get(roomId);
      rooms[roomId] = seen === undefined ? { removed: true, seq } : { seq: seen, reset: true };
    }
    // Those that he has joined meanwhile.
    for (const [roomId, seq] of positions) {
      if (seq !== undefined) rooms[roomId] ??= { seq, reset: false };
    }
    connection.opening = undefined;
    this.registry.onReady(connection);
    connection.send('ready', { rooms });
  }
}

const onlyRoom = ({ userId, rooms }: Standing, roomId: string): Standing => ({
  userId,
  rooms: rooms.filter(([id]) => id === roomId),
  left: [],
});

/** A connection's rooms: those that go on where the client stands, and those that begin after `ready`. */
interface Entered {
  resumed: CatchUp[];
  anew: CatchUp[];
}
