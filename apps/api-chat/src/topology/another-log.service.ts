import { topics } from '@maru/contracts';
import { ConfigError } from '@maru/service-kit';
import { type CopyParts, RoomCopies } from './room-copies';
import { mustStandStill } from './standstill';
import { isSameLog } from './topology.service';

const moving = 'another-log';

/**
 * Lets the store go on with another log, when the one that it was written with is gone or left behind. `chat.events` gets all
 * events of all rooms. What was on the old log and not decided was never acknowledged. Ended at any place, it is run again, or with
 * the old log, which takes it back.
 */
export class AnotherLog {
  constructor(private readonly parts: CopyParts) {}

  async run(): Promise<void> {
    const { admin, repository, say } = this.parts;
    const [clusterId, { topicId, partitions }, events] = await Promise.all([
      admin.clusterId(),
      admin.describeMade(topics.chatCommands),
      admin.describeMade(topics.chatEvents),
    ]);
    const now = { clusterId, topicId, partitions };
    const kept = await repository.kept();
    if (kept === undefined || isSameLog(kept, now)) {
      if (kept?.moving === moving) await repository.setPartitions(kept.partitions);
      return say('The store was written with this log, or with none. Nothing to do.');
    }
    if (partitions < kept.partitions || partitions !== events.partitions)
      throw new ConfigError(
        `chat.commands has ${partitions} partitions and chat.events ${events.partitions} here, and the store counts on ${kept.partitions}: ` +
          'both must have as many, and at least those. Make them anew with the right CHAT_PARTITIONS.',
      );
    say(
      `From cluster ${kept.clusterId}, chat.commands ${kept.topicId}, to cluster ${clusterId}, ${topicId}.`,
    );
    await this.mustBeNew();
    await mustStandStill(this.parts);
    say('Nobody writes from now on, until this has come to its end.');
    await repository.beginMove(moving);
    await new RoomCopies(this.parts).make(partitions, () => true);
    say('The store goes on with this log from now on.');
    await repository.moveTo(now);
    say(`Done. Start api-chat with CHAT_PARTITIONS=${partitions}, then the others.`);
  }

  /** What was decided on a log is on its `chat.events` under places of then: this store would take it for what is decided next. */
  private async mustBeNew(): Promise<void> {
    const ends = await this.parts.admin.ends(topics.chatCommands);
    const used = ends.flatMap((end, partition) =>
      end > 0 ? [`chat.commands[${partition}] ends at ${end}`] : [],
    );
    if (used.length === 0) return;
    throw new ConfigError(
      `Commands have been here already: ${used.join(', ')}. If the store has gone on with this log before and comes from a back-up of ` +
        'the time before that, take a back-up from after it. Else delete the topics chat.commands and chat.events here, with all that ' +
        'happened on them, and run this again: it makes them anew.',
    );
  }
}
