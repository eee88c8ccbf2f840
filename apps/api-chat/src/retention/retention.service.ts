import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { LOGGER, type Logger } from '@maru/service-kit';
import { CHAT_ENV, type ChatEnv } from '../chat.config';
import { firstId, type Hidden, RetentionRepository } from './retention.repository';

/** Events that are forgotten in one transaction. */
const eventsAtOnce = 1000;
/** No statement and no request of a client takes so long. */
const settledMs = 60_000;

/**
 * Forgets what was said in rooms longer ago than it is kept. Each step may be taken again, by several processes at once
 * too, and nothing is lost or seen that should not be when one is killed between any two.
 */
@Injectable()
export class RetentionService implements OnModuleDestroy {
  private running: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly repository: RetentionRepository,
    @Inject(CHAT_ENV) private readonly env: Pick<ChatEnv, 'HISTORY_RETENTION_DAYS'>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Forgets what a turn before has hidden, `settled` ms ago at least, and hides what has become too old. One at a time. */
  turn(settled = settledMs): Promise<void> {
    this.running ??= this.work(settled).finally(() => (this.running = undefined));
    return this.running;
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    await this.running?.catch(() => undefined);
  }

  private async work(settled: number): Promise<void> {
    for (let after: string | undefined = firstId; after !== undefined && !this.stopped;)
      after = await this.forgetHidden(after, settled);
    for (let after: string | undefined = firstId; after !== undefined && !this.stopped;)
      after = await this.repository.hide(after, this.env.HISTORY_RETENTION_DAYS);
  }

  private async forgetHidden(afterId: string, settled: number): Promise<string | undefined> {
    const rooms = await this.repository.hidden(afterId, settled);
    for (const room of rooms)
      // One whose archive is away holds up no other.
      await this.forgetRoom(room).catch((error: unknown) =>
        this.logger.warn({ event: 'forget_failed', what: 'history', roomId: room.roomId, err: error }),
      );
    return rooms.at(-1)?.roomId;
  }

  private async forgetRoom({ roomId, after, upTo }: Hidden): Promise<void> {
    for (let from = after; from < upTo && !this.stopped; from += eventsAtOnce)
      await this.repository.forget({ roomId, after: from, upTo: Math.min(from + eventsAtOnce, upTo) });
  }
}
