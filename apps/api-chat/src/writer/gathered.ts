import type { RoomEvent } from '@maru/contracts';

/** An event as it lies on `chat.events`. */
export interface Heard {
  /** Its own offset there. */
  at: number;
  event: RoomEvent;
  /** The place of its command, on the last event of each. */
  command: number | undefined;
  /** The store has it. */
  known: boolean;
}

/**
 * Puts events that the store does not know to their commands, from the command at `nextOffset` on, until there are as many as
 * fit in memory. They come in the order of their commands; some come again, and of a send that failed only the first may be there.
 */
export class Gathered {
  /** By the place of the command, in order. */
  readonly events = new Map<number, readonly RoomEvent[]>();
  /** The last command in `events`. */
  until: number;
  /** Everything below was decided. */
  decided: number;
  /** There is more on the log than is in `events`: it begins at `next`. */
  full = false;
  next = 0;
  /** Something unknown came before anything known: it may not be the first. */
  late = false;
  /** What is unknown and lies before what was read is none of these commands'. */
  whole = true;
  private count = 0;
  /** Of each room the events that go together, up to now. */
  private readonly open = new Map<string, RoomEvent[]>();

  constructor(
    private readonly nextOffset: number,
    /** The end of the log. */
    readonly end: number,
    /** Nothing unknown can lie before: it is the log's beginning, or something known came already. */
    private reached: boolean,
    /** Events that may be held. */
    private readonly most: number,
  ) {
    this.until = nextOffset - 1;
    this.decided = nextOffset;
  }

  /** False: what comes further is not wanted. */
  add(heard: readonly Heard[]): boolean {
    return heard.every((one) => this.take(one));
  }

  private take(one: Heard): boolean {
    // Copies of moved rooms have no command, and say nothing of the order.
    if (one.known) this.reached ||= one.command !== undefined;
    else if (this.reached) this.put(one);
    else this.late = true;
    return !this.late && !this.full;
  }

  private put({ at, event, command }: Heard): void {
    const run = this.runOf(event);
    if (command === undefined) return;
    this.open.delete(event.roomId);
    if (command < this.nextOffset || this.events.has(command)) return;
    this.decided = command + 1;
    this.full = this.count >= this.most;
    if (this.full) return;
    this.events.set(command, run);
    this.count += run.length;
    this.until = command;
    this.next = at + 1;
  }

  /** A command's events follow one another in seq, and happened at once. */
  private runOf(event: RoomEvent): RoomEvent[] {
    const before = this.open.get(event.roomId);
    const last = before?.at(-1);
    const run = last?.seq === event.seq - 1 && last.createdAt === event.createdAt ? (before ?? []) : [];
    run.push(event);
    this.open.set(event.roomId, run);
    return run;
  }
}
