import type { ClosingCode, ServerEvents } from '@maru/contracts';
import type { Identity } from '@maru/service-kit';
import type { Bundle } from './bundle';
import type { Frames } from './frames';
import type { Link } from './link';
import type { Room } from './room';

/** What happens to the user's rooms while a connection is not `ready` yet. */
export interface Opening {
  /** Until his rooms are known: those he joined meanwhile, with the seq of his memberJoined. */
  joined: Map<string, number> | undefined;
  /** Rooms he left, with the seq of his memberLeft. */
  left: Map<string, number>;
}

export interface ConnectionRules {
  /** Bytes that may wait for a client that does not read. */
  maxBufferedBytes: number;
  end(connection: Connection, code: ClosingCode): void;
}

/** One client link. It belongs to one user for its whole life. */
export class Connection {
  readonly rooms = new Set<Room>();
  opening: Opening | undefined = { joined: new Map(), left: new Map() };
  closed = false;
  /** Client events that have no ack yet. */
  outstanding = 0;
  /** What the fan-out has gathered for it in the round that is under way. */
  bundle: Bundle | undefined;
  /** When it last told that it is typing, by room; in ms since 1970. */
  typingAt: Map<string, number> | undefined;

  constructor(
    public identity: Identity,
    readonly link: Link,
    private readonly rules: ConnectionRules,
  ) {}

  get userId(): string {
    return this.identity.userId;
  }

  /** Writes in order; a client that does not read is ended at the bound. */
  write(frames: Frames): void {
    if (!this.closed && this.link.write(frames) > this.rules.maxBufferedBytes) this.end('too_slow');
  }

  /** A client that asks without reading the answers is ended as well. */
  checkReading(): void {
    if (!this.closed && this.link.buffered() > this.rules.maxBufferedBytes) this.end('too_slow');
  }

  send<E extends keyof ServerEvents>(name: E, body: ServerEvents[E]): void {
    this.write(this.link.encoder.encode([{ name, json: JSON.stringify(body) }]));
  }

  /** Ends it from our side, with a word to the client. */
  end(code: ClosingCode): void {
    if (!this.closed) this.rules.end(this, code);
  }
}
