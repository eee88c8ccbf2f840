import { createHash } from 'node:crypto';

/** Whose packets they are; `undefined` where no id can be made again. */
export interface Origins {
  connection: string;
  previous: string | undefined;
}

export interface Published {
  packetId: number;
  dup: boolean;
  roomId: string;
  payload: Buffer;
}

const hashed = (origin: string, { packetId, roomId, payload }: Published): string =>
  `mqtt-${createHash('sha256').update(`${origin}/${packetId}/${roomId}/`).update(payload).digest('base64url')}`;

/**
 * Ids for messages of QoS 1 whose sender gave none. The id is made of the connection, the packet id and the content:
 * a client that comes back anywhere and says the packet again with DUP gets the same one, as it was the connection
 * before that said it first. Packet ids come round; from then on the connection's ids begin anew (`onRound`), and
 * nothing that was said by then can be known again by a later connection.
 */
export class MessageIds {
  private round = 0;
  private last = 0;
  private first: number | undefined;
  /** Of what has no answer yet. */
  private readonly open = new Map<number, string>();
  /** Resolves once what was said may be said: nothing is, before it is known that its id cannot be made again. */
  settled: Promise<void> = Promise.resolve();

  constructor(
    private readonly origins: Origins,
    private readonly onRound: () => Promise<void>,
  ) {}

  of(published: Published): string {
    const id = published.dup ? this.again(published) : this.anew(published);
    this.open.set(published.packetId, id);
    return id;
  }

  answered(packetId: number): void {
    this.open.delete(packetId);
  }

  private anew(published: Published): string {
    if (published.packetId <= this.last && ++this.round === 1) {
      this.settled = this.onRound();
      this.settled.catch(() => undefined);
    }
    this.last = published.packetId;
    this.first ??= published.packetId;
    return hashed(this.origin(this.round), published);
  }

  /** Said before by this connection, when its packet ids have come so far; else by the one before. */
  private again(published: Published): string {
    const known = this.open.get(published.packetId);
    if (known !== undefined) return known;
    const { packetId } = published;
    if (this.round > 0)
      return hashed(this.origin(packetId <= this.last ? this.round : this.round - 1), published);
    const here = this.first !== undefined && packetId >= this.first && packetId <= this.last;
    return hashed(here ? this.origin(0) : (this.origins.previous ?? this.origin(0)), published);
  }

  private origin(round: number): string {
    return round === 0 ? this.origins.connection : `${this.origins.connection}/${round}`;
  }
}
