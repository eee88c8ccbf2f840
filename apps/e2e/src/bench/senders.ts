import { eachOf } from '../support/user';
import { LightClient } from './light-client';
import { sharedClockUs } from './statistics';

const text = 'The quick brown fox jumps over the lazy dog, then sits down to think about it.';

/** Members who send: as many messages as are asked for, each through the next of them. */
export class Senders {
  sent = 0;
  acked = 0;
  refused = 0;
  private readonly run = sharedClockUs();

  private constructor(
    private readonly clients: readonly LightClient[],
    private readonly roomId: string,
  ) {}

  static async open(url: string, tokens: readonly string[], roomId: string): Promise<Senders> {
    const clients = tokens.map((token) => new LightClient({ url, token }));
    await eachOf(clients, 8, (client) => client.open());
    return new Senders(clients, roomId);
  }

  /** Deliveries to these members themselves. */
  get deliveries(): number {
    return this.clients.reduce((sum, { messages }) => sum + messages, 0);
  }

  send(): void {
    const client = this.clients[this.sent++ % this.clients.length];
    const message = {
      roomId: this.roomId,
      id: `${this.run}-${this.sent}`,
      text,
      metadata: { at: sharedClockUs() },
    };
    void client?.ask('sendMessage', message).then((ack) => {
      if ((ack as { ok: boolean }).ok) this.acked++;
      else this.refused++;
    });
  }

  close(): void {
    for (const client of this.clients) client.close();
  }
}
