import { randomUUID } from 'node:crypto';
import {
  type Ack,
  type AckBodies,
  type ClientEvent,
  type ErrorBody,
  type RoomEvent,
  roomEventNames,
  type ServerEvents,
} from '@maru/contracts';
import { ChatLink, type Door } from './chat-link';
import { ClientRecord, type Outcome, type Sent } from './record';
import { Rest, RestError } from './rest';
import { until, pause } from './until';
import type { TestUser } from './user';

export interface ClientOptions {
  urls: readonly string[];
  door?: Door;
  record?: ClientRecord;
  /** From 0 to below 1: decides how long a connection that was lost stays away. */
  random?: () => number;
}
export interface SendOptions {
  id?: string;
  kind?: string;
  /** How long the same id is sent again before the outcome stays unknown. */
  withinMs?: number;
  /** Over REST: which of the gateways is tried first. */
  turn?: number;
}
type Answer = { ok: true; seq: number } | { ok: false; error: Partial<ErrorBody> };

const roomEvents: readonly string[] = roomEventNames;

/**
 * A user at a client of Socket.IO or of `/ws` who writes down all he does and hears. He comes back by himself with his
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
      ...(options.door && { door: options.door }),
      ...(options.random && { random: options.random }),
      auth: () => ({ token: user.token, resume: this.record.lastSeqs() }),
      hear: (name, body) => this.hear(name, body),
      connected: (kept) => this.record.connected(kept),
      renew: () => this.renew(),
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
    return (await socket.ask(event, payload, 10_000)) as Ack<AckBodies[E]>;
  }

  /** Over the socket. */
  send(roomId: string, text: string, options: SendOptions = {}): Promise<Outcome> {
    return this.untilAnswered(roomId, text, options, async (message, leftMs) => {
      const socket = await this.link.online(leftMs);
      const body = { roomId, ...message };
      return (await socket?.ask('sendMessage', [body], 25_000)) as Answer | undefined;
    });
  }

  /** Over REST, each try at the next gateway. */
  post(roomId: string, text: string, options: SendOptions = {}): Promise<Outcome> {
    let tries = options.turn ?? 0;
    return this.untilAnswered(roomId, text, options, async (message) => {
      try {
        const { seq } = await this.rest(tries++).post(this.user.token, roomId, message);
        return { ok: true, seq };
      } catch (error) {
        if (!(error instanceof RestError)) return undefined;
        if (error.body.code !== 'token_expired') return { ok: false, error: error.body };
        await this.renew(tries);
        return { ok: false, error: { ...error.body, retryable: true } };
      }
    });
  }

  /** Logs in anew: access tokens live for minutes. */
  async renew(turn = 0): Promise<void> {
    const { email, password } = this.user;
    this.user.token = (await this.rest(turn).logIn(email, password)).accessToken;
  }

  /** The HTTP API of one of its gateways; each turn is another. */
  rest(turn = 0): Rest {
    return new Rest(this.options.urls[turn % this.options.urls.length] ?? '');
  }

  /** Resolves when everything up to `seq` was heard, and what a `reset` left out is fetched. */
  async caughtUp(roomId: string, seq: number, withinMs = 20_000): Promise<void> {
    const what = () => `${this.user.name} hears ${seq} of ${roomId}, stands at ${this.record.last(roomId)}`;
    await until(what, () => this.record.last(roomId) >= seq, withinMs);
    await this.fetched();
  }

  /** Resolves when nothing that a `reset` left out is still being fetched. */
  fetched(): Promise<void> {
    return this.fetching;
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
      at: performance.now(),
      tookMs: 0,
      doubtful: false,
      tries: [],
    };
    this.record.sent.push(sent);
    const start = sent.at;
    for (let left = withinMs; left > 0; left = withinMs - (performance.now() - start)) {
      const answer = await attempt({ id, text, kind }, left).catch(() => undefined);
      sent.tookMs = performance.now() - start;
      const code = answer === undefined ? 'no answer' : answer.ok ? 'acked' : answer.error.code;
      sent.tries.push(`${code} at ${(sent.tookMs / 1000).toFixed(1)} s`);
      if (answer?.ok === true) return (sent.outcome = { kind: 'acked', seq: answer.seq });
      if (answer !== undefined && answer.error.retryable !== true)
        return (sent.outcome = { kind: 'refused', code: String(answer.error.code) });
      sent.doubtful = true;
      await pause(100);
    }
    return sent.outcome;
  }

  private hear(name: string, body: unknown): void {
    if (roomEvents.includes(name)) this.record.hear(body as RoomEvent);
    else this.record.signals.push({ name, body });
    if (name !== 'ready') return;
    const { rooms } = body as ServerEvents['ready'];
    this.record.allReady(rooms);
    for (const [roomId, at] of Object.entries(rooms)) {
      const missing = this.record.ready(roomId, at);
      if (missing !== undefined) this.fetch(roomId, missing.after, missing.upTo);
    }
  }

  /** What a `reset` left out; that he is no longer in the room is an answer as well. */
  private fetch(roomId: string, after: number, upTo: number): void {
    let tries = 0;
    const fill = async (): Promise<void> => {
      const look = () =>
        this.rest(tries++)
          .events(this.user.token, roomId, after)
          .catch(async (error: unknown) => {
            if (!(error instanceof RestError)) return undefined;
            if (error.status === 401) await this.renew(tries).catch(() => undefined);
            return error.status === 403 || error.status === 404 ? 'out' : undefined;
          });
      const events = await until(`the events of ${roomId} after ${after}`, look, 180_000);
      if (events === 'out') return this.record.outOfReach(roomId, after, upTo);
      this.record.fill(
        roomId,
        events.filter((event) => event.seq <= upTo),
      );
    };
    // What could not be had stays a hole, and the judge names it.
    this.fetching = this.fetching.then(fill).catch(() => undefined);
  }
}
