/** An address that did not answer is passed over for so long, while there is another one. */
const passOverMs = 5000;

/** One service's addresses, taken in turn. */
export class Addresses {
  private turn = 0;
  private readonly downUntil = new Map<string, number>();

  constructor(private readonly urls: readonly string[]) {}

  /** In the order in which to try them: those that were down a moment ago come last. */
  order(): string[] {
    const first = this.turn++ % this.urls.length;
    const inTurn = [...this.urls.slice(first), ...this.urls.slice(0, first)];
    const now = Date.now();
    const isDown = (url: string): boolean => (this.downUntil.get(url) ?? 0) > now;
    return [...inTurn.filter((url) => !isDown(url)), ...inTurn.filter(isDown)];
  }

  /** It could not be reached, or hangs. */
  down(url: string): void {
    this.downUntil.set(url, Date.now() + passOverMs);
  }
}
