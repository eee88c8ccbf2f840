import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { LOGGER, type Logger } from '@maru/service-kit';
import { CHAT_ENV, type ChatEnv } from '../chat.config';
import { ArchiveMetrics } from './archive.metrics';
import { ArchiveRepository } from './archive.repository';
import type { EventBodies } from './event-bodies';
import { ARCHIVE } from './history';
import { HistoryMover, maxMoved } from './history-mover';

const idleMs = 1000;
const maxPauseMs = 10_000;

type TailEnv = Pick<ChatEnv, 'HISTORY_STORE' | 'HISTORY_TAIL_EVENTS'>;

/**
 * Moves old history to the archive, in the background, for as long as there is one: a batch of one partition at a time,
 * each partition in one process. Killed at any line it loses nothing: what it has not taken out of PostgreSQL it moves again.
 */
@Injectable()
export class ArchiveService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopped = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly repository: ArchiveRepository,
    @Inject(ARCHIVE) private readonly archive: EventBodies | undefined,
    private readonly metrics: ArchiveMetrics,
    @Inject(CHAT_ENV) private readonly env: TailEnv,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    if (this.archive !== undefined) this.running = this.run(this.archive);
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped.abort();
    await this.running;
  }

  private async run(archive: EventBodies): Promise<void> {
    const { signal } = this.stopped;
    const mover = new HistoryMover(this.repository, archive);
    for (let pauseMs = idleMs; !signal.aborted;) {
      try {
        // It is opened before anything is locked for it.
        await archive.get([]);
        while (!signal.aborted && (await this.turn(mover)));
        await this.rest();
        pauseMs = idleMs;
      } catch (error) {
        this.metrics.errors.inc({ operation: 'move' });
        this.logger.warn({ event: 'history_not_moved', err: error });
        pauseMs = Math.min(2 * pauseMs, maxPauseMs);
      }
      await delay(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** Moves a batch of the partition that is furthest behind. Gives whether there was one. */
  private async turn(mover: HistoryMover): Promise<boolean> {
    const { HISTORY_TAIL_EVENTS: tail, HISTORY_STORE: store } = this.env;
    const moved = await this.repository.inTransaction(async (trx) => {
      const feed = await this.repository.lockFeed(trx);
      if (feed === undefined) return undefined;
      const { roomIds, next } = await this.repository.fedRooms(trx, feed);
      const count = await mover.fill(trx, await this.repository.due(trx, roomIds, { tail, store }));
      // Where there was more, the same rooms are looked at again.
      if (count < maxMoved) await this.repository.moveFeed(trx, feed.partition, next);
      return count;
    });
    this.metrics.archived.inc(moved ?? 0);
    return moved !== undefined;
  }

  private async rest(): Promise<void> {
    await this.repository.makeFeeds();
    const { commands, seconds } = await this.repository.lag();
    this.metrics.lagCommands.set(commands);
    this.metrics.lagSeconds.set(seconds);
  }
}
