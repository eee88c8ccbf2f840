import { page, type WebStorage } from './surroundings';

type Awaitable<T> = T | Promise<T>;

/** Where a client keeps what shall survive a reload, by key. What it throws is passed over: the client works without. */
export interface Store {
  get(key: string): Awaitable<string | undefined>;
  set(key: string, value: string): Awaitable<void>;
  remove(key: string): Awaitable<void>;
  /** All keys that begin so. */
  keys(prefix: string): Awaitable<string[]>;
}

/** Keeps it as long as the program runs. */
export class MemoryStore implements Store {
  private readonly values = new Map<string, string>();
  get = (key: string): string | undefined => this.values.get(key);
  set = (key: string, value: string): void => void this.values.set(key, value);
  remove = (key: string): void => void this.values.delete(key);
  keys = (prefix: string): string[] => [...this.values.keys()].filter((key) => key.startsWith(prefix));
}

/** Keeps it in a browser's `localStorage`, under keys that begin with `name`; all tabs of an origin share it. */
export class LocalStore implements Store {
  private readonly storage: WebStorage & Record<string, unknown>;

  constructor(private readonly name = 'maru/') {
    const { localStorage } = page;
    if (localStorage === undefined) throw new Error('There is no localStorage here: use another store.');
    this.storage = localStorage;
  }

  get = (key: string): string | undefined => this.storage.getItem(this.name + key) ?? undefined;
  set = (key: string, value: string): void => this.storage.setItem(this.name + key, value);
  remove = (key: string): void => this.storage.removeItem(this.name + key);
  keys = (prefix: string): string[] =>
    Object.keys(this.storage)
      .filter((key) => key.startsWith(this.name + prefix))
      .map((key) => key.slice(this.name.length));
}
