/** Longer than any question about somebody's rooms can take. */
const rotateMs = 20_000;

/**
 * The newest seqs of rooms that are not held, as they pass by on the log. Kept only while somebody's rooms are
 * being asked for: the answer may be older than an event that has passed meanwhile, and a quiet room would
 * never show it.
 */
export class PassedBy {
  private asking = 0;
  private recent = new Map<string, number>();
  private older = new Map<string, number>();
  private rotatedAt = 0;

  /** Whether somebody is asking, so that passing seqs matter. */
  get watching(): boolean {
    return this.asking > 0;
  }

  /** Runs `ask` and what follows its answer at once, with the passing seqs noted. */
  async during<T>(ask: () => Promise<T>): Promise<{ answer: T; done: () => void }> {
    this.asking++;
    try {
      return { answer: await ask(), done: () => this.done() };
    } catch (error) {
      this.done();
      throw error;
    }
  }

  note(roomId: string, seq: number): void {
    const now = Date.now();
    if (now - this.rotatedAt > rotateMs) {
      this.older = this.recent;
      this.recent = new Map();
      this.rotatedAt = now;
    }
    if (seq > (this.recent.get(roomId) ?? 0)) this.recent.set(roomId, seq);
  }

  /** 0 when nothing of the room has passed. */
  newest(roomId: string): number {
    return Math.max(this.recent.get(roomId) ?? 0, this.older.get(roomId) ?? 0);
  }

  private done(): void {
    if (--this.asking > 0) return;
    this.recent.clear();
    this.older.clear();
  }
}
