import type { RoomEvent, ServerEvents } from '@maru/contracts';
import { Feed, type FeedParts } from './feed';

/** As many as fit into a frame of 64 KB. */
const maxResumed = 1000;

/** The feeds of all rooms that the user is in. */
export class Feeds {
  private readonly feeds = new Map<string, Feed>();

  constructor(private readonly parts: FeedParts) {}

  /** The last seq seen of rooms, from which a connection goes on; where it says that others stand elsewhere is a gap. */
  positions(): Record<string, number> {
    const seen = [...this.feeds.values()].flatMap(({ roomId, last }) =>
      last === undefined ? [] : [[roomId, last] as const],
    );
    return Object.fromEntries(seen.slice(-maxResumed));
  }

  take(event: RoomEvent): void {
    this.of(event.roomId).take(event);
  }

  /** The last seq seen of a room; undefined when nothing is known of it. */
  position(roomId: string): number | undefined {
    return this.feeds.get(roomId)?.last;
  }

  /** It was read up to there another way: where nothing is known of it yet, its events begin behind that. */
  begin(roomId: string, seq: number): void {
    if (this.position(roomId) === undefined) this.of(roomId).stand(seq, false);
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
