import { Inject, Injectable } from '@nestjs/common';
import {
  CodedError,
  requestContracts,
  type RequestReply,
  type StreamAnswers,
  type StreamCommand,
  type StreamReply,
  topics,
} from '@maru/contracts';
import { cloudEventHeaders, ProducerService, RequestClient } from '@maru/kafka-client';
import { type Identity, LOGGER, type Logger, toCodedError } from '@maru/service-kit';
import { v7 as uuidv7 } from 'uuid';
import { CommandsService } from '../commands/commands.service';
import { CoreMetrics } from '../core/core.metrics';
import { Drain } from '../core/drain.service';
import { Registry } from '../core/registry';
import { GATEWAY_ENV, type GatewayEnv } from '../gateway.config';
import { streamsOf, tellReply } from './streams';

type Answer = StreamAnswers[keyof StreamAnswers];

/**
 * What is asked beside a stream: put on the log for the service that owns it, its outcome told on the streams of the
 * session that asked, as a `reply`. Who has no stream open hears nothing.
 */
@Injectable()
export class StreamCommands {
  /** How many of a user's wait for their outcome. */
  private readonly waiting = new Map<string, number>();

  constructor(
    private readonly requests: RequestClient,
    private readonly commands: CommandsService,
    private readonly producer: ProducerService,
    private readonly registry: Registry,
    private readonly metrics: CoreMetrics,
    private readonly drain: Drain,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(GATEWAY_ENV) private readonly env: Pick<GatewayEnv, 'MAX_OUTSTANDING'>,
  ) {}

  /** Does not wait for the outcome. @throws CodedError `too_busy`, `unavailable` while this gateway ends. */
  take(identity: Identity, command: StreamCommand): void {
    const { userId } = identity;
    if (this.drain.ending) throw new CodedError('unavailable');
    const waiting = this.waiting.get(userId) ?? 0;
    if (waiting >= this.env.MAX_OUTSTANDING) throw new CodedError('too_busy');
    this.waiting.set(userId, waiting + 1);
    const streams = streamsOf(this.registry, identity);
    // The end of the process waits for these.
    for (const stream of streams) stream.outstanding++;
    const partingWord = command.type === 'logOut' ? loggedOut(identity, command.id) : undefined;
    for (const { link } of streams) link.partingWord ??= partingWord;
    void this.outcome(identity, command)
      .then((reply) => this.tell(identity, reply))
      .finally(() => {
        for (const stream of streams) {
          stream.outstanding--;
          if (stream.link.partingWord === partingWord) stream.link.partingWord = undefined;
        }
        const left = (this.waiting.get(userId) ?? 1) - 1;
        if (left > 0) this.waiting.set(userId, left);
        else this.waiting.delete(userId);
      });
  }

  private async outcome(identity: Identity, command: StreamCommand): Promise<StreamReply> {
    const { id, type } = command;
    try {
      return { id, type, ok: true, answer: await this.ask(identity, command) };
    } catch (error) {
      const coded = toCodedError(error);
      this.metrics.refused.inc({ event: type, code: coded.code });
      if (coded.code === 'internal') this.logger.error({ event: 'stream_command_failed', type, err: error });
      return { id, type, ok: false, error: coded.toBody() };
    }
  }

  private async ask({ userId, sessionId }: Identity, command: StreamCommand): Promise<Answer> {
    if (command.type === 'sendMessage') return this.commands.say(userId, command);
    if ('seq' in command) return this.commands.change(userId, command.type, command);
    if (command.type === 'presence') return { state: command.state };
    const { type } = command;
    const reply = await this.requests.request<RequestReply>({
      topic: requestContracts[type].topic,
      key: userId,
      type,
      value: JSON.stringify({ asker: { userId, sessionId }, command }),
    });
    if (!reply.ok) throw CodedError.fromBody(reply.error);
    return reply.answer as Answer;
  }

  /** The stream may be at another gateway, or nowhere. */
  private async tell({ userId, sessionId }: Identity, reply: StreamReply): Promise<void> {
    if (tellReply(this.registry, { userId, sessionId }, reply)) return;
    try {
      await this.producer.send({
        topic: topics.streamReplies,
        key: userId,
        value: JSON.stringify({ userId, sessionId, reply }),
        headers: cloudEventHeaders({ type: 'reply', source: '/gateway', id: uuidv7() }),
      });
    } catch (error) {
      this.logger.warn({ event: 'reply_lost', type: reply.type, err: error });
    }
  }
}

/** The end of the session is the outcome, should it be heard of first. */
const loggedOut = ({ sessionId }: Identity, id: string): StreamReply => ({
  ...{ id, type: 'logOut', ok: true, answer: { id: sessionId } },
});
