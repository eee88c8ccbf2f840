/** A port of 127.0.0.1 where a broker listens beside its own, and the one that it names to who came by it. */
export interface Door {
  listens: number;
  advertised: number;
  /** The address that it names; 127.0.0.1 when left out. */
  host?: string;
}

/** Another way from one process to brokers and store than the straight one: over proxies that a test can cut. */
export interface Detour {
  /** One a broker, for this process alone. */
  kafka: Door[];
  /** Stands for PostgreSQL's port. */
  postgres: number;
}
