/** Barks when it was not fed for `ms`. Counts its own ticks, so that a process that was stopped and woken is not
 * taken for a silent consumer. */
export class Watchdog {
  private ticks = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(ms: number, bark: () => void) {
    this.timer = setInterval(() => {
      this.ticks += 1;
      if (this.ticks * 1000 < ms) return;
      this.ticks = 0;
      bark();
    }, 1000).unref();
  }

  fed(): void {
    this.ticks = 0;
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
