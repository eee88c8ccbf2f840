import { Inject, Injectable } from '@nestjs/common';
import { GATEWAY_ENV, type GatewayEnv } from '../gateway.config';
import type { Batch } from './batch';
import type { Connection } from './connection';
import { CoreMetrics } from './core.metrics';
import { DeliveryTraces } from './delivery-traces';
import type { Frames } from './frames';
import type { Room } from './room';
import { Round } from './round';

/**
 * Gives out what rooms have gathered: encoded once per room and round, one write per connection and round.
 * A lone event goes at once; under load a round comes every GATHER_MS at most.
 */
@Injectable()
export class FanOut {
  private readonly touched = new Set<Room>();
  private readonly traces = new DeliveryTraces();
  private scheduled = false;
  private lastRound = 0;
  private readonly passed: number[] = [];
  /** By partition of `chat.commands`: what came of the commands below has been given out. */
  given: readonly number[] = [];
  /** While something between is missing, in a gap or lost on the log, `given` stands still. */
  private unsettled = 0;
  /** Called for a room whose last event, roomDeleted, was given out. */
  onEnded: (room: Room) => void = () => undefined;

  constructor(
    @Inject(GATEWAY_ENV) private readonly env: Pick<GatewayEnv, 'GATHER_MS'>,
    private readonly metrics: CoreMetrics,
  ) {}

  /** The room has something to give out; that happens soon. */
  touch(room: Room): void {
    this.touched.add(room);
    this.schedule();
  }

  /** Has `given` follow what was passed, though no room has anything to give out. */
  schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    const wait = this.lastRound + this.env.GATHER_MS - performance.now();
    if (wait > 0) setTimeout(this.round, wait);
    else setImmediate(this.round);
  }

  /** The events of the commands below `offset` have been taken off the log. */
  pass(partition: number, offset: number): void {
    if (offset > (this.passed[partition] ?? 0)) this.passed[partition] = offset;
  }

  /** Events are missing from now on, until `done` is called, once. */
  missing(): () => void {
    this.unsettled++;
    return () => void this.unsettled--;
  }

  /** Gives out at once what the room has gathered, so that its connections stand where the room stands. */
  flush(room: Room): void {
    if (!room.hasPending) return;
    this.touched.delete(room);
    this.giveOut(room, (connection, frames) => connection.write(frames));
    this.traces.given();
  }

  private readonly round = (): void => {
    this.scheduled = false;
    this.lastRound = performance.now();
    const rooms = [...this.touched];
    this.touched.clear();
    if (this.unsettled === 0) this.given = [...this.passed];
    if (rooms.length === 1 && rooms[0]) {
      this.giveOut(rooms[0], (connection, frames) => connection.write(frames));
      this.traces.given();
      return;
    }
    const round = new Round();
    for (const room of rooms) {
      this.giveOut(room, (connection, frames) => round.put(connection, frames));
    }
    round.write();
    this.traces.given();
  };

  private giveOut(room: Room, put: (connection: Connection, frames: Frames) => void): void {
    const batch = room.takeBatch();
    let deliveries = 0;
    for (const connection of room.live) {
      const frames = batch.frames(connection.link.encoder(room.id));
      deliveries += frames.count;
      put(connection, frames);
    }
    for (const [connection, span] of room.partial) {
      const frames = batch.cut(connection.link.encoder(room.id), span);
      if (frames !== undefined) {
        deliveries += frames.count;
        put(connection, frames);
      }
    }
    this.traces.give(room, batch);
    settle(room);
    this.count(batch, deliveries);
    if (room.ended) this.onEnded(room);
  }

  private count(batch: Batch, deliveries: number): void {
    this.metrics.frames.inc(batch.events.length);
    if (deliveries === 0) return;
    this.metrics.deliveries.inc(deliveries);
    const now = Date.now();
    for (const event of batch.events) {
      this.metrics.sendToDelivery.observe(Math.max(0, now - event.createdAt) / 1000);
    }
  }
}

/** After a batch: who has left is let go, and who is where the room is joins the shared frames. */
function settle(room: Room): void {
  for (const [connection, span] of room.partial) {
    if (span.upTo <= room.sent) room.leave(connection);
    else if (span.after <= room.sent) {
      room.partial.delete(connection);
      room.live.add(connection);
    }
  }
}
