import type { ErrorBody } from '@maru/contracts';
import type { ChatClient } from '../support/chat-client';
import type { Asked, Outcome } from '../support/record';
import { RestError } from '../support/rest';
import type { Random } from './random';
import type { World } from './world';

/**
 * What a client asks for besides messages, over its socket or over REST. None of it carries an id of the client's,
 * so nothing is sent again: each try is written down with its own outcome.
 */
export class Changes {
  private turns = 0;

  constructor(
    private readonly client: ChatClient,
    private readonly world: World,
    private readonly random: Random,
  ) {}

  async join(roomId: string | undefined): Promise<void> {
    if (roomId === undefined) return;
    await this.asked('join', roomId, this.userId, (socket) =>
      socket ? this.ask('joinRoom', { roomId }) : this.rest.join(this.token, roomId).then(({ seq }) => seq),
    );
  }

  async leave(roomId: string | undefined): Promise<void> {
    if (roomId === undefined) return;
    await this.asked('leave', roomId, this.userId, (socket) =>
      socket
        ? this.ask('leaveRoom', { roomId })
        : this.rest.remove(this.token, roomId, this.userId).then(({ seq }) => seq),
    );
  }

  async add(roomId: string | undefined): Promise<void> {
    const id = this.random.pick(this.world.users)?.id;
    if (roomId === undefined || id === undefined) return;
    await this.asked('add', roomId, id, () => this.rest.add(this.token, roomId, id).then(({ seq }) => seq));
  }

  /** Somebody else, from a room of his own if he has one; elsewhere it is refused. */
  async remove(roomId: string | undefined): Promise<void> {
    const own = this.world.rooms.filter(({ owner }) => owner.user.id === this.userId);
    const from = this.random.next() < 0.8 ? (this.random.pick(own)?.id ?? roomId) : roomId;
    const id = this.random.pick(this.world.users)?.id;
    if (from === undefined || id === undefined || id === this.userId) return;
    await this.asked('remove', from, id, () => this.rest.remove(this.token, from, id).then(({ seq }) => seq));
  }

  async read(roomId: string | undefined): Promise<void> {
    if (roomId === undefined) return;
    const { record } = this.client;
    const seq = Math.max(1, record.last(roomId) - this.random.below(5));
    const read = { roomId, seq, outcome: { kind: 'unknown' } as Outcome };
    record.reads.push(read);
    read.outcome = await this.outcomeOf(async () =>
      this.random.next() < 0.5
        ? (await this.acked('read', { roomId, seq })).readSeq
        : (await this.rest.read(this.token, roomId, seq)).readSeq,
    );
  }

  private async asked(
    what: Asked['what'],
    roomId: string,
    userId: string,
    work: (socket: boolean) => Promise<number>,
  ): Promise<void> {
    const asked: Asked = { what, roomId, userIds: [userId], outcome: { kind: 'unknown' } };
    this.client.record.asked.push(asked);
    const socket = this.random.next() < 0.5;
    asked.outcome = await this.outcomeOf(() => work(socket));
  }

  private async ask(event: 'joinRoom' | 'leaveRoom', payload: object): Promise<number> {
    return (await this.acked(event, payload)).seq;
  }

  /** @throws RestError when it was refused, as over REST. */
  private async acked<E extends 'joinRoom' | 'leaveRoom' | 'read'>(event: E, payload: object) {
    const ack = await this.client.ask<E>(event, payload);
    if (!ack.ok) throw new RestError(0, ack.error);
    return ack;
  }

  /** What is refused for good was not done; whatever else goes wrong leaves it open. */
  private async outcomeOf(work: () => Promise<number>): Promise<Outcome> {
    try {
      return { kind: 'acked', seq: await work() };
    } catch (error) {
      const { code, retryable }: Partial<ErrorBody> = error instanceof RestError ? error.body : {};
      if (code === 'token_expired') await this.client.renew(this.turns).catch(() => undefined);
      return retryable === false && code !== undefined ? { kind: 'refused', code } : { kind: 'unknown' };
    }
  }

  private get userId(): string {
    return this.client.user.id;
  }

  private get token(): string {
    return this.client.user.token;
  }

  /** Each call at the next gateway. */
  private get rest() {
    return this.client.rest(this.turns++);
  }
}
