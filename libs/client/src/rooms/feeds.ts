import type { RoomEvent, ServerEvents } from '@maru/contracts';
import { Feed, type FeedParts } from './feed';

/** The feeds of all rooms that the user is in. */
export class Feeds {
  private readonly feeds = new Map<string, Feed>();

  constructor(private readonly parts: FeedParts) {}

  /** The last seq seen of each room, from which a connection goes on. */
  positions(): Record<string, number> {
    const seen: Record<string, number> = {};
    for (const { roomId, last } of this.feeds.values()) if (last !== undefined) seen[roomId] = last;
    return seen;
  }

  take(event: RoomEvent): void {
    this.of(event.roomId).take(event);
  }

  /** The last seq seen of a room; undefined when nothing is known of it. */
  position(roomId: string): number | undefined {
    return this.feeds.get(roomId)?.last;
  }

  /** What has been read of a room up to there came another way. */
  begin(roomId: string, seq: number): void {
    this.of(roomId).stand(seq, false);
  }

  /** @returns rooms that the user is not in any more */
  ready(rooms: ServerEvents['ready']['rooms']): string[] {
    const gone: string[] = [];
    for (const [roomId, at] of Object.entries(rooms)) {
      if ('removed' in at) gone.push(roomId);
      else this.of(roomId).stand(at.seq, at.reset);
    }
    return gone;
  }

  /** The user is not in it any more. */
  forget(roomId: string): void {
    this.feeds.get(roomId)?.end();
    this.feeds.delete(roomId);
  }

  endAll(): void {
    for (const roomId of [...this.feeds.keys()]) this.forget(roomId);
  }

  private of(roomId: string): Feed {
    let feed = this.feeds.get(roomId);
    if (feed === undefined) this.feeds.set(roomId, (feed = new Feed(roomId, this.parts)));
    return feed;
  }
}
