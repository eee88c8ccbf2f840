import type { RoomEvent } from '@maru/contracts';

/** Where a client of a door writes down what it heard of one room. */
export class RoomEar {
  /** What it is shown: each event once, by the drop rule. */
  readonly heard: RoomEvent[] = [];
  /** Events that came a second time. */
  repeats = 0;

  constructor(readonly roomId: string) {}

  get last(): number {
    return this.heard.at(-1)?.seq ?? 0;
  }

  take(name: string, body: unknown): void {
    const event = body as RoomEvent;
    if (event.roomId !== this.roomId || name === 'read' || name === 'typing' || name === 'ready') return;
    if (event.seq <= this.last) this.repeats++;
    else this.heard.push(event);
  }
}

/** One client of one door, by a library that no one here wrote, as the tests of all doors see it. */
export interface DoorClient {
  readonly ear: RoomEar;
  /** Resolves when it stands in the room; the first time from now on, later with all that it missed. */
  connect(): Promise<void>;
  /** Cuts the line without a word. */
  cut(): void | Promise<void>;
  /** Sends a message under this id. @returns its seq and, where the protocol can say so, whether it was a repeat. */
  send(id: string, text: string): Promise<{ seq: number; duplicate?: boolean }>;
  /** Ends whatever still runs for it. */
  end?(): void;
}

/** What a door's client is made with. */
export interface DoorUser {
  url: string;
  /** Where the same gateway speaks MQTT over TCP. */
  mqtt: string;
  token: string;
  roomId: string;
}
