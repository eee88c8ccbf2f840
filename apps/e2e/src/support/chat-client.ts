import { randomUUID } from 'node:crypto';
import type { Ack, AckBodies, ClientEvent, ErrorBody, RoomEvent, ServerEvents } from '@maru/contracts';
import { ChatLink } from './chat-link';
import { ClientRecord, type Outcome, type Sent } from './record';
import { Rest, RestError } from './rest';
import { until, pause } from './until';
import type { TestUser } from './user';

export interface ClientOptions {
  urls: readonly string[];
  transports?: ('websocket' | 'polling')[];
  record?: ClientRecord;
}
export interface SendOptions {
  id?: string;
  kind?: string;
  /** How long the same id is sent again before the outcome stays unknown. */
  withinMs?: number;
}
type Answer = { ok: true; seq: number } | { ok: false; error: Partial<ErrorBody> };

const roomEvents = ['newMessage', 'roomCreated', 'memberJoined', 'memberLeft', 'roomUpdated', 'roomDeleted'];

/**
 * A user at a stock Socket.IO client who writes down all he does and hears. He comes back by himself with his
 * last seqs, and sends again under the same id until he is answered.
 */
export class ChatClient {
  readonly record: ClientRecord;
  readonly link: ChatLink;
  private fetching: Promise<void> = Promise.resolve();

  constructor(
    readonly user: TestUser,
    private readonly options: ClientOptions,
  ) {
    this.record = options.record ?? new ClientRecord(user.id, user.name);
    this.link = new ChatLink({
      urls: options.urls,
      ...(options.transports && { transports: options.transports }),
      auth: () => ({ token: user.token, resume: this.record.lastSeqs() }),
      hear: (name, body) => this.hear(name, body),
      renew: async () => {
        user.token = (await this.rest().logIn(user.email, user.password)).accessToken;
      },
    });
  }

  /** Resolves when the connection is `ready`. */
  async connect(withinMs = 15_000): Promise<this> {
    this.link.start();
    if ((await this.link.online(withinMs)) === undefined) {
      throw new Error(`${this.user.name} could not connect: ${this.link.endings.slice(-3).join(', ')}`);
    }
    return this;
  }

  /** Stays away until `connect()`. */
  drop(): void {
    this.link.stop();
  }

  /** One client event, as it is; rejects when no ack comes. */
  async ask<E extends ClientEvent>(
    event: E | (string & {}),
    ...payload: unknown[]
  ): Promise<Ack<AckBodies[E]>> {
    const socket = await this.link.online(10_000);
    if (socket === undefined) throw new Error(`${this.user.name} is not connected`);
    return (await socket.timeout(10_000).emitWithAck(event, ...payload)) as Ack<AckBodies[E]>;
  }

  /** Over the socket. */
  send(roomId: string, text: string, options: SendOptions = {}): Promise<Outcome> {
    return this.untilAnswered(roomId, text, options, async (message, leftMs) => {
      const socket = await this.link.online(leftMs);
      const body = { roomId, ...message };
      return (await socket?.timeout(25_000).emitWithAck('sendMessage', body)) as Answer | undefined;
    });
  }

  /** Over REST, each try at the next gateway. */
  post(roomId: string, text: string, options: SendOptions = {}): Promise<Outcome> {
    let tries = 0;
    return this.untilAnswered(roomId, text, options, async (message) => {
      try {
        const { seq } = await this.rest(tries++).post(this.user.token, roomId, message);
        return { ok: true, seq };
      } catch (error) {
        return error instanceof RestError ? { ok: false, error: error.body } : undefined;
      }
    });
  }

  /** Resolves when everything up to `seq` was heard, and what a `reset` left out is fetched. */
  async caughtUp(roomId: string, seq: number, withinMs = 20_000): Promise<void> {
    const what = () => `${this.user.name} hears ${seq} of ${roomId}, stands at ${this.record.last(roomId)}`;
    await until(what, () => this.record.last(roomId) >= seq, withinMs);
    await this.fetching;
  }

  private async untilAnswered(
    roomId: string,
    text: string,
    { id = randomUUID(), kind = 'text', withinMs = 90_000 }: SendOptions,
    attempt: (
      message: { id: string; text: string; kind: string },
      leftMs: number,
    ) => Promise<Answer | undefined>,
  ): Promise<Outcome> {
    const sent: Sent = {
      roomId,
      id,
      text,
      messageKind: kind,
      outcome: { kind: 'unknown' },
      tookMs: 0,
      tries: [],
    };
    this.record.sent.push(sent);
    const start = performance.now();
    for (let left = withinMs; left > 0; left = withinMs - (performance.now() - start)) {
      const answer = await attempt({ id, text, kind }, left).catch(() => undefined);
      sent.tookMs = performance.now() - start;
      const code = answer === undefined ? 'no answer' : answer.ok ? 'acked' : answer.error.code;
      sent.tries.push(`${code} at ${(sent.tookMs / 1000).toFixed(1)} s`);
      if (answer?.ok === true) return (sent.outcome = { kind: 'acked', seq: answer.seq });
      if (answer !== undefined && answer.error.retryable !== true)
        return (sent.outcome = { kind: 'refused', code: String(answer.error.code) });
      await pause(100);
    }
    return sent.outcome;
  }

  private hear(name: string, body: unknown): void {
    if (roomEvents.includes(name)) this.record.hear(body as RoomEvent);
    else this.record.signals.push({ name, body });
    if (name !== 'ready') return;
    for (const [roomId, at] of Object.entries((body as ServerEvents['ready']).rooms)) {
      const missing = this.record.ready(roomId, at);
      if (missing !== undefined) this.fetch(roomId, missing.after, missing.upTo);
    }
  }

  private fetch(roomId: string, after: number, upTo: number): void {
    this.fetching = this.fetching.then(async () => {
      const look = () =>
        this.rest()
          .events(this.user.token, roomId, after)
          .catch(() => undefined);
      const events = await until(`the events of ${roomId} after ${after}`, look, 30_000);
      this.record.fill(
        roomId,
        events.filter((event) => event.seq <= upTo),
      );
    });
  }

  private rest(turn = 0): Rest {
    return new Rest(this.options.urls[turn % this.options.urls.length] ?? '');
  }
}
