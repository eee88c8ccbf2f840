/** Where an event stands. */
export interface EventPlace {
  roomId: string;
  seq: number;
}

/** What an event says, as the JSON that went to `chat.events`. */
export interface EventBody extends EventPlace {
  body: string;
}

/** Seqs of a room: those above `after`, up to `upTo`. */
export interface SeqRange {
  after: number;
  upTo: number;
}

/** Keeps what events say. Which events there are, in which order and of which commands, stays in PostgreSQL. */
export interface EventBodies {
  /** Resolves when all are kept, however often the same are put. */
  put(bodies: readonly EventBody[]): Promise<void>;
  /** Those that are kept here, in any order. */
  get(places: readonly EventPlace[]): Promise<EventBody[]>;
  /** From then on they are not kept here. */
  drop(roomId: string, range: SeqRange): Promise<void>;
}

export const placeOf = ({ roomId, seq }: EventPlace): string => `${roomId}/${seq}`;
