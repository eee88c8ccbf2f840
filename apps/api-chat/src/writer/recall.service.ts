import { Inject, Injectable } from '@nestjs/common';
import type { IncomingRecord } from '@maru/kafka-client';
import { type Logger, LOGGER } from '@maru/service-kit';
import { expiresAfterMs } from './decide';
import { EventsOfLog } from './events-of-log';
import type { Gathered } from './gathered';
import type { Claimed } from './places';
import { type Happened, StoreBehindError } from './recall';
import { WriterMetrics } from './writer.metrics';
import { WriterRepository } from './writer.repository';

/**
 * Tells a claim what came of its next commands, when they were decided once by a store that is lost: it was restored from a
 * back-up, or another server has taken over without the last of it.
 */
@Injectable()
export class RecallService {
  constructor(
    private readonly log: EventsOfLog,
    private readonly repository: WriterRepository,
    private readonly metrics: WriterMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** `first`: the first command that the store has not decided. @throws StoreBehindError when not all can be told */
  async begin(claim: Claimed, first: IncomingRecord | undefined): Promise<Happened | undefined> {
    const found = await this.lost(claim, first);
    this.metrics.claimed(claim.partition, found ? 'recalling' : 'whole');
    if (found === undefined) return undefined;
    const { partition, base, nextOffset } = claim;
    const happened = this.told(claim, found);
    this.logger.warn({
      ...{ event: 'store_was_behind', partition, offset: nextOffset - base },
      until: happened.decided - 1 - base,
    });
    return happened;
  }

  /** What comes after `happened`, when all of that is in the store and on the log. */
  async further(claim: Claimed, { decided, until, rest }: Happened): Promise<Happened | undefined> {
    if (rest !== undefined) return this.told(claim, await this.log.further(claim.queue, rest), decided);
    const { partition, base } = claim;
    this.metrics.claimed(partition, 'whole');
    this.logger.info({ event: 'store_caught_up', partition, offset: until + 1 - base });
    return undefined;
  }

  /** The writers before had come further, or the next command would be too old by now, or is gone. */
  private async lost(claim: Claimed, first: IncomingRecord | undefined): Promise<Gathered | undefined> {
    const { partition, base, nextOffset, committed, unpublished, end, queue } = claim;
    const [behind, gone] = [committed > nextOffset, unpublished > nextOffset];
    if (!behind && !gone && !(first && (await this.isOld(first)))) return undefined;
    const since = gone ? 0 : (first?.timestamp ?? 0);
    const found = await this.log.unknownToStore(queue, nextOffset, since);
    if (found.late || (behind && !found.whole))
      throw new StoreBehindError(
        `chat.events[${partition}] has no event any more from before command ${nextOffset - base}, so nobody knows what it and those after it came to`,
      );
    const [from] = found.events.keys();
    if (from === undefined) return undefined;
    if (from < (first?.offset ?? end))
      throw new StoreBehindError(
        `command ${from - base} of chat.commands[${partition}] has come to events, and is gone`,
      );
    return found;
  }

  private async isOld({ timestamp }: IncomingRecord): Promise<boolean> {
    return (await this.repository.now()) - timestamp > expiresAfterMs / 2;
  }

  /** How far they had come is told to Kafka first: whoever claims the partition before all is recalled must know it. */
  private told({ partition, base, end, committed, queue }: Claimed, found: Gathered, least = 0): Happened {
    const decided = Math.max(found.decided, committed, least);
    if (decided > end)
      throw new StoreBehindError(
        `command ${decided - 1 - base} of chat.commands[${partition}] has come to events, and the log ends at ${end - base}`,
      );
    queue.commit(decided);
    const { events, full } = found;
    return { events, decided, ...(full ? { until: found.until, rest: found } : { until: decided - 1 }) };
  }
}
