/** The least of a browser's WebSocket that is used here; Node 22 has it too, and `ws` is one. */
export interface WebSocketLike {
  readonly readyState: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string): void;
  close(): void;
}
export type WebSocketClass = new (url: string) => WebSocketLike;

interface Page {
  addEventListener?(name: string, listener: () => void): void;
  removeEventListener?(name: string, listener: () => void): void;
  document?: Page & { visibilityState?: string };
  WebSocket?: WebSocketClass;
  localStorage?: { [key: string]: unknown } & WebStorage;
  navigator?: { locks?: Locks };
}
export interface WebStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}
export interface Locks {
  request<T>(name: string, work: () => Promise<T>): Promise<T>;
}

/** What a browser has and Node has in part. */
export const page = globalThis as unknown as Page;

const tickMs = 2000;
/** A timer that is so late has slept with its machine. */
const sleptMs = 6000;

/**
 * Calls `wake` when the network is back, the page is looked at again, or the machine has slept: moments at which a
 * connection may be dead unnoticed, and at which one that is waited for may come. @returns what ends it
 */
export function watchForWaking(wake: () => void): () => void {
  let last = Date.now();
  const timer = setInterval(() => {
    const now = Date.now();
    if (now - last > tickMs + sleptMs) wake();
    last = now;
  }, tickMs);
  // In Node it holds up nobody's end.
  (timer as { unref?(): void }).unref?.();
  const { document } = page;
  const seen = (): void => {
    if (document?.visibilityState === 'visible') wake();
  };
  page.addEventListener?.('online', wake);
  document?.addEventListener?.('visibilitychange', seen);
  return () => {
    clearInterval(timer);
    page.removeEventListener?.('online', wake);
    document?.removeEventListener?.('visibilitychange', seen);
  };
}
