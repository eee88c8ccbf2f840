import type { MessageNow, RoomEvent } from '@maru/contracts';
import { type ActionEvent, after, type ChatMessage, isAction, type SentMessage, shown } from '../messages';

/** Messages as they read at a seq of their room. */
export interface Page {
  items: MessageNow[];
  seq: number;
}
interface Line {
  message: SentMessage;
  /** It reads as it did there. */
  at: number;
}

/**
 * The messages of a room as they read now, from the newest back to where it was read: pages of history, carried on by
 * the room's events in order. Knows no network.
 */
export class Timeline {
  private lines: Line[] = [];
  /** Events that came while a page was under way: it may hold them or not. */
  private meanwhile: RoomEvent[] | undefined;

  constructor(private readonly me: () => string | undefined) {}

  get oldest(): number | undefined {
    return this.lines[0]?.message.seq;
  }

  get messages(): readonly SentMessage[] {
    return this.lines.map(({ message }) => message);
  }

  /** A page is being read: from now on events are remembered for it. */
  expectPage(): void {
    this.meanwhile = [];
  }

  get expectsPage(): boolean {
    return this.meanwhile !== undefined;
  }

  has(seq: number): boolean {
    return this.lines[this.indexOf(seq)]?.message.seq === seq;
  }

  /** The page has come; its messages take the place of those that were there. */
  take({ items, seq }: Page): void {
    const since = this.meanwhile ?? [];
    for (const item of items) this.put({ message: shown(item), at: seq });
    for (const event of since)
      if (isAction(event) && items.some(({ seq }) => seq === event.messageSeq)) this.act(event);
  }

  /** It has come, or will not. */
  pageDone(): void {
    this.meanwhile = undefined;
  }

  apply(event: RoomEvent): void {
    this.meanwhile?.push(event);
    if (event.type === 'message') this.put({ message: shown(event), at: event.seq });
    else if (isAction(event)) this.act(event);
  }

  private put(line: Line): void {
    const { seq } = line.message;
    const at = this.indexOf(seq);
    const there = this.lines[at];
    if (there?.message.seq !== seq) this.lines.splice(at, 0, line);
    else if (line.at >= there.at) this.lines[at] = line;
  }

  private act(event: ActionEvent): void {
    const at = this.indexOf(event.messageSeq);
    const line = this.lines[at];
    if (line?.message.seq !== event.messageSeq || event.seq <= line.at) return;
    this.lines[at] = { message: after(line.message, event, this.me()), at: event.seq };
  }

  /** Where a message of this seq is, or would be. */
  private indexOf(seq: number): number {
    let [low, high] = [0, this.lines.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.lines[middle]?.message.seq ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** What is there, and behind it what is not sent yet, or whose event has not come. */
export function withOutbox(
  sent: readonly SentMessage[],
  own: readonly ChatMessage[],
): readonly ChatMessage[] {
  if (own.length === 0) return sent;
  const since = own.filter(
    ({ id, senderId }) => !sent.some((message) => message.id === id && message.senderId === senderId),
  );
  return [...sent, ...since];
}
