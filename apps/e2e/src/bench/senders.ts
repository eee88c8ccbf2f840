import { eachOf } from '../support/user';
import { LightClient } from './light-client';
import { sharedClockUs } from './statistics';

const usualText = 'The quick brown fox jumps over the lazy dog, then sits down to think about it.';

interface Sender {
  client: LightClient;
  roomIds: readonly string[];
}

/** Members who send: as many messages as are asked for, each through the next of them to the next of his rooms. */
export class Senders {
  sent = 0;
  acked = 0;
  refused = 0;
  private readonly run = sharedClockUs();

  private constructor(
    private readonly senders: readonly Sender[],
    private readonly text: string,
  ) {}

  /** `rooms`: the one that all of them are in, or for each in turn the last seq of each of his rooms. */
  static async open(
    url: string,
    tokens: readonly string[],
    rooms: string | readonly [string, number][][],
    text = usualText,
  ): Promise<Senders> {
    const senders = tokens.map((token, index): Sender => {
      if (typeof rooms === 'string') return { client: new LightClient({ url, token }), roomIds: [rooms] };
      const positions = new Map(rooms[index]);
      return { client: new LightClient({ url, token, positions }), roomIds: [...positions.keys()] };
    });
    await eachOf(senders, 8, ({ client }) => client.open());
    return new Senders(senders, text);
  }

  /** Deliveries to these members themselves. */
  get deliveries(): number {
    return this.senders.reduce((sum, { client }) => sum + client.messages, 0);
  }

  send(): void {
    const { senders } = this;
    const number = this.sent++;
    const { client, roomIds } = senders[number % senders.length] as Sender;
    const message = {
      roomId: roomIds[Math.floor(number / senders.length) % roomIds.length],
      id: `${this.run}-${number}`,
      text: this.text,
      metadata: { at: sharedClockUs() },
    };
    void client.ask('sendMessage', message).then((ack) => {
      if ((ack as { ok: boolean }).ok) this.acked++;
      else this.refused++;
    });
  }

  /** @throws Error when a send was refused, a sender lost his connection or a delivery to him came out of order. */
  mustBeWhole(): void {
    const disorders = this.senders.reduce((sum, { client }) => sum + client.disorders, 0);
    const lost = this.senders.filter(({ client }) => !client.connected).length;
    if (this.refused + disorders + lost > 0)
      throw new Error(
        `${this.refused} sends refused, ${disorders} deliveries to senders out of order, ${lost} senders lost`,
      );
  }

  close(): void {
    for (const { client } of this.senders) client.close();
  }
}
