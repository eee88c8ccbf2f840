import { Inject, Injectable } from '@nestjs/common';
import {
  type Ack,
  type AckBodies,
  type ClientEvent,
  clientEvents,
  type ClientPayload,
  CodedError,
  roomId as roomIdContract,
} from '@maru/contracts';
import type { Step } from '@maru/kafka-client';
import {
  badRequest,
  beginAtDoor,
  LOGGER,
  type Logger,
  type RateLimit,
  RateLimits,
  toCodedError,
} from '@maru/service-kit';
import type { Connection } from '../core/connection';
import { CoreMetrics } from '../core/core.metrics';
import { GATEWAY_ENV, type GatewayEnv } from '../gateway.config';
import { CommandsService } from './commands.service';

type Refused = Extract<Ack, { ok: false }>;
type Handler = (connection: Connection, payload: never) => Promise<object>;

/**
 * What clients send, at every door: counted by user, held against its contract, done and answered. Never rejects: what
 * goes wrong is an answer with a code.
 */
@Injectable()
export class ClientEvents {
  private readonly handlers: Record<ClientEvent, Handler>;
  private readonly limit: RateLimit;

  constructor(
    commands: CommandsService,
    private readonly metrics: CoreMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(GATEWAY_ENV) env: Pick<GatewayEnv, 'USER_EVENTS_PER_MINUTE'>,
    limits: RateLimits,
  ) {
    this.handlers = {
      joinRoom: commands.joinRoom.bind(commands),
      leaveRoom: commands.leaveRoom.bind(commands),
      sendMessage: commands.sendMessage.bind(commands),
      editMessage: (connection, payload) => commands.act(connection, 'editMessage', payload),
      deleteMessage: (connection, payload) => commands.act(connection, 'deleteMessage', payload),
      addReaction: (connection, payload) => commands.act(connection, 'addReaction', payload),
      removeReaction: (connection, payload) => commands.act(connection, 'removeReaction', payload),
      read: commands.read.bind(commands),
      typing: commands.typing.bind(commands),
      presence: commands.presence.bind(commands),
      authenticate: commands.authenticate.bind(commands),
    };
    this.limit = limits.limit('user_events', env.USER_EVENTS_PER_MINUTE, 60);
  }

  /** `event`: as the client named it; `payload`: as it came. */
  async take<E extends ClientEvent>(
    connection: Connection,
    event: E | (string & {}),
    payload: unknown,
  ): Promise<Ack<AckBodies[E]>> {
    const step = beginAtDoor(this.nameOf(event), payload, () => attributesOf(connection, payload));
    if (step === undefined) return this.do(connection, event, payload);
    const ack = await step.within(() => this.do(connection, event, payload));
    endWith(step, ack);
    return ack;
  }

  private async do<E extends ClientEvent>(
    connection: Connection,
    event: E | (string & {}),
    payload: unknown,
  ): Promise<Ack<AckBodies[E]>> {
    try {
      await this.count(connection);
      if (connection.closed) throw new CodedError('unavailable');
      const handler = this.handlerOf(event);
      return { ok: true, ...(await handler(connection, payloadOf(event as E, payload) as never)) } as Ack<
        AckBodies[E]
      >;
    } catch (error) {
      return this.refused(event, error);
    }
  }

  /** The answer to what could not even be read; counted as what could be. */
  async refuse(connection: Connection, event: string, error: unknown): Promise<Refused> {
    return this.count(connection).then(
      () => this.refused(event, error),
      (limited: unknown) => this.refused(event, limited),
    );
  }

  /** Something that a user sent, good or bad. @throws CodedError `rate_limited` */
  count({ userId }: Connection): Promise<void> {
    return this.limit.take(userId);
  }

  /** An answer for what could not be taken; counted, and logged when it is our own fault. */
  refused(event: string, error: unknown): Refused {
    const coded = toCodedError(error);
    const name = this.nameOf(event);
    this.metrics.refused.inc({ event: name, code: coded.code });
    if (coded.code === 'internal') this.logger.error({ event: 'client_event_failed', name, err: error });
    return { ok: false, error: coded.toBody() };
  }

  private nameOf(event: string): string {
    return Object.hasOwn(this.handlers, event) ? event : 'other';
  }

  private handlerOf(event: string): Handler {
    if (!Object.hasOwn(this.handlers, event)) throw new CodedError('unknown_event');
    return this.handlers[event as ClientEvent];
  }
}

function attributesOf({ userId, link }: Connection, payload: unknown): Record<string, string> {
  const { roomId } = (payload ?? {}) as { roomId?: unknown };
  const room = roomIdContract.safeParse(roomId);
  return { 'maru.door': link.door, 'user.id': userId, ...(room.success && { 'maru.room_id': room.data }) };
}

/** A refusal is an answer; only what is our own fault, or may be, makes the step one that went wrong. */
function endWith(step: Step, ack: Ack): void {
  if (ack.ok) return step.end();
  const { code } = ack.error;
  step.tell({ 'maru.code': code });
  step.end(CodedError.fromBody(ack.error).status >= 500 ? code : undefined);
}

function payloadOf<E extends ClientEvent>(event: E, payload: unknown): ClientPayload<E> {
  const result = clientEvents[event].safeParse(payload);
  if (!result.success) throw badRequest(result.error.issues);
  return result.data as ClientPayload<E>;
}
