import type { WebSocket } from 'ws';

/** What we can keep to, either way, in ms. */
export const beatMs = 10_000;
/** A timer that waits for longer than it can count fires all the time. */
const longestMs = 60 * 60 * 1000;

/**
 * Heart-beats as agreed in CONNECT: `heart-beat:<what the client can send>,<what it wants to get>`. Ours go out when the
 * client wants them; one that promised its own and is silent for twice as long is gone.
 */
export class HeartBeats {
  private readonly timers: NodeJS.Timeout[] = [];
  private heardAt = Date.now();

  constructor(socket: WebSocket, header = '0,0') {
    const [canSend = 0, wants = 0] = header
      .split(',')
      .map((part) => Math.min(longestMs, Math.max(0, Number.parseInt(part, 10) || 0)));
    if (wants > 0)
      this.every(Math.max(wants, beatMs), () => socket.readyState === socket.OPEN && socket.send('\n'));
    if (canSend > 0) {
      const silence = 2 * Math.max(canSend, beatMs);
      this.every(silence / 2, () => Date.now() - this.heardAt > silence && socket.terminate());
    }
  }

  heard(): void {
    this.heardAt = Date.now();
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  private every(ms: number, what: () => unknown): void {
    this.timers.push(setInterval(what, ms).unref());
  }
}
