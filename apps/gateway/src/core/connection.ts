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
}

export interface ConnectionRules {
  /** Bytes that may wait for a client that does not read. */
  maxBufferedBytes: number;
  end(connection: Connection, code: ClosingCode, retryAfterMs?: number): void;
}

/** One client link. It belongs to one user for its whole life. */
export class Connection {
  readonly rooms = new Set<Room>();
  opening: Opening | undefined = { joined: new Map() };
  closed = false;
  /** It has told that its user is away. */
  away = false;
  /** Client events that have no ack yet. */
  outstanding = 0;
  /** What the fan-out has gathered for it in the round that is under way. */
  bundle: Bundle | undefined;
  /** When it last told that it is typing, by room; in ms since 1970. */
  typingAt: Map<string, number> | undefined;
  /** Rooms that it is out of, with the seq up to which nothing more of them is for it; the newest ones. */
  private outOf: Map<string, number> | undefined;

  constructor(
    public identity: Identity,
    readonly link: Link,
    private readonly rules: ConnectionRules,
  ) {}

  /** It has all that its rooms have given out, and nothing of them is missing here. */
  get caughtUp(): boolean {
    for (const room of this.rooms) if (!room.live.has(this) || room.gap !== undefined) return false;
    return true;
  }

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

  /** For it alone; `roomId`: among the events of that room. */
  send<E extends keyof ServerEvents>(name: E, body: ServerEvents[E], roomId?: string): void {
    this.write(this.link.encoder(roomId).encode([{ name, json: JSON.stringify(body) }]));
  }

  /** What a room had up to `seq` it has had, or was never to have: there its user left, or was told to be out. */
  leftAt(roomId: string, seq: number): void {
    const outOf = (this.outOf ??= new Map<string, number>());
    const known = outOf.get(roomId) ?? 0;
    outOf.delete(roomId);
    outOf.set(roomId, Math.max(seq, known));
    const [oldest] = outOf.size > maxLeft ? outOf.keys() : [];
    if (oldest !== undefined) outOf.delete(oldest);
  }

  /** Where it left the room; 0 when that is not known. A join that is not later comes again, or too late. */
  outSince(roomId: string): number {
    return this.outOf?.get(roomId) ?? 0;
  }

  /** Ends it from our side, with a word to the client, and one on when to come back. */
  end(code: ClosingCode, retryAfterMs?: number): void {
    if (!this.closed) this.rules.end(this, code, retryAfterMs);
  }
}

/** Events come again only for minutes: of who has left more rooms than this, the oldest need not be known. */
const maxLeft = 100;
