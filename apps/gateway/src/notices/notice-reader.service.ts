import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { topics } from '@maru/contracts';
import { ConsumerService, type IncomingRecord, TopicsAdmin } from '@maru/kafka-client';
import { LOGGER, type Logger } from '@maru/service-kit';
import { CoreMetrics } from '../core/core.metrics';
import { LogFollower } from '../core/log-follower';
import { Registry } from '../core/registry';
import { Watchers } from '../presence/watchers.service';
import { tellReply } from '../sse/streams';
import { changedBetween, type Notice, noticeOf } from './notices';

const maxRecords = 500;
const read = [topics.usersEvents, topics.authEvents, topics.streamReplies];

/**
 * Reads all of these topics from the log's end, and tells what is for users beside their rooms to those of them who are
 * connected here. Who is not asks for his list when he is `ready`.
 */
@Injectable()
export class NoticeReader implements OnApplicationBootstrap {
  private readonly follower: LogFollower;

  constructor(
    consumer: ConsumerService,
    private readonly admin: TopicsAdmin,
    private readonly registry: Registry,
    private readonly watchers: Watchers,
    metrics: CoreMetrics,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.follower = new LogFollower({
      ...{ consumer, metrics, logger, maxRecords },
      take: (record) => this.take(record),
      // What a log no longer has is not told: it is in everybody's list.
      gone: ({ end }) => end,
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    for (const topic of read) this.follower.beginAt(topic, await this.admin.ends(topic));
    await this.follower.follow(read, { fromBeginning: false });
  }

  private take({ headers, value }: IncomingRecord): void {
    const type = headers['ce_type'] ?? '';
    const json = (): string => value?.toString() ?? '';
    const notice = noticeOf(type, json);
    if (notice !== undefined) this.tell(notice);
    this.watchers.changed(changedBetween(type, json));
  }

  private tell(notice: Notice): void {
    if (notice.name === 'reply') return void tellReply(this.registry, notice.to, notice.body);
    const to =
      notice.name === 'friendUpdated' ? this.watchers.index.friendsHere(notice.body.userId) : notice.to;
    for (const userId of to) {
      for (const connection of [...this.registry.of(userId)]) {
        if (connection.opening === undefined) connection.send(notice.name, notice.body);
      }
    }
  }
}
