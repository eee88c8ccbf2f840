type Listener<T> = (body: T) => void;

/** Tells listeners of events by name, in the order in which they came to listen. */
export class Emitter<Events extends object> {
  private readonly listeners = new Map<keyof Events, Set<Listener<never>>>();

  /** Calls `listener` at each event of that name from now on. @returns what ends it */
  on<E extends keyof Events>(event: E, listener: Listener<Events[E]>): () => void {
    const set = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, set);
    set.add(listener);
    return () => void set.delete(listener);
  }

  /** A listener that throws stops neither the others nor us; its error is reported as one that nobody caught. */
  protected emit<E extends keyof Events>(event: E, body: Events[E]): void {
    for (const listener of [...(this.listeners.get(event) ?? [])]) {
      try {
        (listener as Listener<Events[E]>)(body);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
