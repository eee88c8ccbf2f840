import { partitionedByRoom, type TopicName, topics } from '@maru/contracts';
import { partitionOf } from '@maru/kafka-client';
import { ConfigError } from '@maru/service-kit';
import { notificationsGroup } from '../notifications/notifications.service';
import { type CopyParts, RoomCopies } from './room-copies';
import { mustStandStill } from './standstill';
import type { Kept, Topology } from './topology.repository';
import { anotherLog, isSameLog } from './topology.service';

/**
 * Gives the topics that are keyed by room more partitions, while api-chat, gateways and routers stand still. Rooms that lie in
 * another partition then get all their events there once more, before any new one: whoever reads from wherever he stands and
 * drops what is not new by its seq meets each event once and in order. Ended at any place, it is run again and begins
 * with what is not done; api-chat starts when it has come to its end, not before. As long as no topic has grown, it is taken back
 * by the number of before.
 */
export class Repartition {
  constructor(
    private readonly parts: CopyParts,
    private readonly partitions: number,
  ) {}

  async run(): Promise<void> {
    const { repository, say } = this.parts;
    const { partitions: kept, moving } = await this.check();
    if (kept === this.partitions) {
      if (moving !== null) await repository.setPartitions(kept);
      return say(`There are ${kept} partitions. Nothing to do.`);
    }
    const words = `repartition to ${this.partitions}`;
    say(`chat.commands and its like go from ${kept} partitions to ${this.partitions}.`);
    await mustStandStill(this.parts);
    // Once it has begun nobody writes, and all that came before was decided.
    if (moving !== words) await this.mustBeDecided(kept);
    say('Nobody writes from now on, until this has come to its end.');
    await repository.beginMove(words);
    await this.grow();
    // Doors that have started meanwhile may send by the old number.
    await mustStandStill(this.parts);
    const moves = (id: string): boolean => partitionOf(id, kept) !== partitionOf(id, this.partitions);
    await new RoomCopies(this.parts).make(this.partitions, moves);
    await this.passOver(kept);
    say(`The store counts on ${this.partitions} partitions from now on.`);
    await repository.setPartitions(this.partitions);
    say(`Done. Start api-chat with CHAT_PARTITIONS=${this.partitions}, then the others, all with the same.`);
  }

  private async check(): Promise<Kept> {
    const { admin, repository } = this.parts;
    const [clusterId, { topicId, partitions: has }, found] = await Promise.all([
      admin.clusterId(),
      admin.describeMade(topics.chatCommands),
      Promise.all(partitionedByRoom.map((topic) => admin.describe(topic))),
    ]);
    const kept = await repository.kept();
    if (kept === undefined)
      throw new ConfigError(
        'The store has not met a log yet: start api-chat with the CHAT_PARTITIONS that you want.',
      );
    const now: Topology = { clusterId, topicId, partitions: has };
    if (!isSameLog(kept, now)) throw anotherLog(kept, now);
    const [most] = found.flatMap((topic) => topic ?? []).sort((a, b) => b.partitions - a.partitions);
    if (most !== undefined && most.partitions > this.partitions)
      throw new ConfigError(
        `${most.name} has ${most.partitions} partitions, and CHAT_PARTITIONS is ${this.partitions}: Kafka takes none away. ` +
          `Run this with CHAT_PARTITIONS=${most.partitions}.`,
      );
    if (has !== kept.partitions && has !== this.partitions)
      throw new ConfigError(
        `chat.commands has ${has} partitions by now, and the store counts on ${kept.partitions}: run this with CHAT_PARTITIONS=${has}.`,
      );
    return kept;
  }

  /** What is not decided lies where its room will not be looked for. */
  private async mustBeDecided(kept: number): Promise<void> {
    const { admin, repository } = this.parts;
    const [ends, decided] = await Promise.all([admin.ends(topics.chatCommands), repository.decided()]);
    const wrong = ends.flatMap((end, partition) => {
      const { next = 0 } = decided.get(partition) ?? {};
      return end === next
        ? []
        : [`chat.commands[${partition}] ends at ${end}, and what is below ${next} is decided`];
    });
    if (wrong.length === 0) return;
    if (ends.length > kept)
      throw new ConfigError(
        `chat.commands has ${ends.length} partitions, the store counts on ${kept}, and ${wrong.join('; ')}: the store is older than its ` +
          'topics. Take a back-up from after they got their partitions: see "Back-up and restore" in docs/operate.md.',
      );
    throw new ConfigError(
      `${wrong.join('; ')}. Start api-chat alone as it was, wait until kafka_consumer_lag_records of the group api-chat is 0, ` +
        'stop it, and run this again. Where the log ends below what is decided see "A log that lost records" in docs/operate.md.',
    );
  }

  /** `chat.commands` is the last: its number tells that the others have theirs. */
  private async grow(): Promise<void> {
    const { admin, say } = this.parts;
    const others = partitionedByRoom.filter((topic) => topic !== topics.chatCommands);
    for (const topic of [...others, topics.chatCommands] satisfies TopicName[]) {
      if (!(await admin.exists(topic))) continue;
      say(`${topic}: ${this.partitions} partitions.`);
      await admin.grow(topic, this.partitions);
    }
  }

  /** Nobody is to be notified of what was copied; and the group would begin at the end, wherever that is by then. */
  private async passOver(kept: number): Promise<void> {
    const { admin, say } = this.parts;
    const { [topics.chatEvents]: places = [] } = await admin.committed(notificationsGroup, [
      topics.chatEvents,
    ]);
    if (!places.some((offset) => offset !== undefined)) return;
    say(`${notificationsGroup} begins behind the copies.`);
    const ends = await admin.ends(topics.chatEvents);
    const added = ends.flatMap((end, partition): [number, number][] =>
      partition < kept ? [] : [[partition, end]],
    );
    await admin.place(notificationsGroup, topics.chatEvents, new Map(added));
  }
}
