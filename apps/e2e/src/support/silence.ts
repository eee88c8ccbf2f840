/** The longest time without a sign of life since `start()`, in ms. */
export class Silence {
  private since = performance.now();
  private record = 0;

  start(): void {
    this.since = performance.now();
    this.record = 0;
  }

  broken(): void {
    const now = performance.now();
    this.record = Math.max(this.record, now - this.since);
    this.since = now;
  }

  /** A silence that still goes on counts as well. */
  get longestMs(): number {
    return Math.max(this.record, performance.now() - this.since);
  }
}
