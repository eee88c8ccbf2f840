/** The server tells a room at most so often that somebody is typing. */
const toldEveryMs = 2000;
/** So long after the last sign somebody counts as typing. */
const quietAfterMs = 5000;

export interface TypingParts {
  /** Once, if there is a connection. */
  send(roomId: string): void;
  changed(roomId: string, userIds: readonly string[]): void;
}

/** Who is typing where. It goes quiet by itself. */
export class Typing {
  private readonly told = new Map<string, number>();
  private readonly timers = new Map<string, Map<string, ReturnType<typeof setTimeout>>>();

  constructor(private readonly parts: TypingParts) {}

  in(roomId: string): readonly string[] {
    return [...(this.timers.get(roomId)?.keys() ?? [])];
  }

  tell(roomId: string): void {
    const now = Date.now();
    if (now - (this.told.get(roomId) ?? 0) < toldEveryMs) return;
    this.told.set(roomId, now);
    this.parts.send(roomId);
  }

  heard(roomId: string, userId: string): void {
    const those = this.timers.get(roomId) ?? new Map<string, ReturnType<typeof setTimeout>>();
    this.timers.set(roomId, those);
    const isNew = !those.has(userId);
    clearTimeout(those.get(userId));
    those.set(
      userId,
      setTimeout(() => this.quiet(roomId, userId), quietAfterMs),
    );
    if (isNew) this.parts.changed(roomId, this.in(roomId));
  }

  /** He has said it, or is gone. */
  quiet(roomId: string, userId: string): void {
    const those = this.timers.get(roomId);
    clearTimeout(those?.get(userId));
    if (those?.delete(userId) === true) this.parts.changed(roomId, this.in(roomId));
  }

  close(): void {
    for (const those of this.timers.values()) for (const timer of those.values()) clearTimeout(timer);
    this.timers.clear();
  }
}
