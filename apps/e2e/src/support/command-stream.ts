import { EventSource } from 'eventsource';
import type { Answer, Rest } from './rest';
import { until } from './until';

interface Told {
  name: string;
  body: Record<string, unknown>;
}
const names = ['ready', 'reply', 'closing', 'newMessage', 'roomCreated', 'sessionStarted', 'sessionEnded'];

/** A user's stream in the EventSource of browsers, and what he asks beside it. */
export class CommandStream {
  readonly told: Told[] = [];
  private source: EventSource | undefined;

  /** `beside`: the gateway that takes his commands, if not the one of his stream. */
  constructor(
    private readonly rest: Rest,
    private readonly token: string,
    private readonly beside = rest,
  ) {}

  async open(): Promise<this> {
    const { ticket } = await this.rest.get<{ ticket: string }>('POST', '/stream/ticket', this.token);
    const source = new EventSource(`${this.rest.url}/api/stream?ticket=${ticket}`);
    this.source = source;
    for (const name of names) {
      source.addEventListener(name, ({ data }: { data: string }) => {
        this.told.push({ name, body: JSON.parse(data) as Told['body'] });
      });
    }
    await this.until('ready');
    return this;
  }

  ask(id: string, type: string, body: object = {}): Promise<Answer<Record<string, unknown>>> {
    return this.beside.ask('POST', '/commands', this.token, { id, type, ...body });
  }

  /** The outcome of what was asked and taken. */
  async reply(id: string, type: string, body: object = {}, withinMs?: number): Promise<Told['body']> {
    const before = this.told.length;
    const taken = await this.ask(id, type, body);
    if (taken.status !== 202) throw new Error(`${taken.status} ${JSON.stringify(taken.body)}`);
    return this.until('reply', (reply) => reply['id'] === id, withinMs, before);
  }

  /** The first of them, of those that were told after the first `before`. */
  until(
    name: string,
    wanted: (body: Told['body']) => boolean = () => true,
    withinMs?: number,
    before = 0,
  ): Promise<Told['body']> {
    return until(
      () => `${name} in ${JSON.stringify(this.told)}`,
      () => this.told.slice(before).find((one) => one.name === name && wanted(one.body))?.body,
      withinMs,
    );
  }

  close(): void {
    this.source?.close();
  }
}
