import { toMaruError } from '../errors';

export interface ReadMarksParts {
  send(roomId: string, seq: number): Promise<unknown>;
  /** Resolves when there is a connection; rejects when there will be none. */
  online(): Promise<void>;
  pause(ms: number): Promise<void>;
}

const againMs = 2000;

/** Moves the user's read markers: one request a room at a time, with the farthest seq; what fails is asked again. */
export class ReadMarks {
  private readonly wanted = new Map<string, number>();
  private readonly done = new Map<string, number>();
  private readonly running = new Set<string>();

  constructor(private readonly parts: ReadMarksParts) {}

  move(roomId: string, seq: number): void {
    if (seq <= Math.max(this.wanted.get(roomId) ?? 0, this.done.get(roomId) ?? 0)) return;
    this.wanted.set(roomId, seq);
    if (this.running.has(roomId)) return;
    this.running.add(roomId);
    void this.run(roomId);
  }

  /** It is there already, moved from another device or by a message of his own. */
  moved(roomId: string, seq: number): void {
    this.done.set(roomId, Math.max(seq, this.done.get(roomId) ?? 0));
    if ((this.wanted.get(roomId) ?? 0) <= seq) this.wanted.delete(roomId);
  }

  private async run(roomId: string): Promise<void> {
    for (;;) {
      const online = await this.parts.online().then(yes, no);
      const seq = this.wanted.get(roomId);
      if (!online || seq === undefined) {
        // In the same moment: who wants more after it begins anew.
        this.running.delete(roomId);
        return;
      }
      try {
        await this.parts.send(roomId, seq);
        this.moved(roomId, seq);
      } catch (error) {
        const { retryable, retryAfterMs } = toMaruError(error);
        if (!retryable) this.wanted.delete(roomId);
        else await this.parts.pause(retryAfterMs ?? againMs);
      }
    }
  }
}

const yes = (): boolean => true;
const no = (): boolean => false;
