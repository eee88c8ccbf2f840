import { type CarriedEvent, silenced } from './room-event';

/** The newest events of a room, so that most resumes ask nobody: at most 256 of them and 512 K characters. */
export class Tail {
  private slots: (CarriedEvent | undefined)[] = [];
  /** In characters of JSON. */
  size = 0;
  /** The oldest seq kept; `last + 1` when nothing is. */
  private first: number;

  constructor(
    private last: number,
    private readonly capacity = 256,
    private readonly maxSize = 512 * 1024,
  ) {
    this.first = last + 1;
  }

  /** The event after the newest one. */
  push(event: CarriedEvent): void {
    if (event.seq !== this.last + 1) throw new Error(`seq ${event.seq} after ${this.last}`);
    this.put(event);
    this.last = event.seq;
    while (this.last - this.first >= this.capacity || (this.size > this.maxSize && this.first < this.last)) {
      this.dropFirst();
    }
  }

  /** Older events, as a resume fetched them, as far as there is space: the next resume finds them here. */
  prepend(events: readonly CarriedEvent[]): void {
    const from = events.findIndex((event) => event.seq === this.first - 1);
    for (let index = from; index >= 0; index--) {
      const event = events[index];
      const full = this.last - this.first + 1 >= this.capacity;
      if (event?.seq !== this.first - 1 || full || this.size + event.json.length > this.maxSize) return;
      this.put(event);
      this.first = event.seq;
    }
  }

  /** The message was deleted: who resumes from here gets nothing of what it and its edits said. */
  silence(messageSeq: number): void {
    for (const event of this.slots) {
      if (event?.seq === messageSeq || (event?.messageSeq === messageSeq && event.type === 'messageEdited'))
        this.put(silenced(event));
    }
  }

  /** Whether every event after `seq` is here. */
  reaches(seq: number): boolean {
    return seq + 1 >= this.first;
  }

  /** Forgets all: who resumes asks the store. */
  clear(): void {
    this.slots = [];
    this.size = 0;
    this.first = this.last + 1;
  }

  /** The events after `after` up to `upTo`; cut short once they hold `maxSize` characters, but never empty-handed. */
  slice(after: number, upTo: number, maxSize: number): CarriedEvent[] {
    const events: CarriedEvent[] = [];
    let size = 0;
    for (let seq = after + 1; seq <= upTo && size < maxSize; seq++) {
      const event = this.slots[seq % this.capacity];
      if (event?.seq !== seq) break;
      events.push(event);
      size += event.json.length;
    }
    return events;
  }

  private put(event: CarriedEvent): void {
    const slot = event.seq % this.capacity;
    this.size += event.json.length - (this.slots[slot]?.json.length ?? 0);
    this.slots[slot] = event;
  }

  private dropFirst(): void {
    const slot = this.first % this.capacity;
    const event = this.slots[slot];
    // Its slot may have been taken by the newest event already.
    if (event?.seq === this.first) {
      this.size -= event.json.length;
      this.slots[slot] = undefined;
    }
    this.first++;
  }
}
