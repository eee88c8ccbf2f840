import type { KafkaConfig } from '../config/kafka.config';
import type { Logger } from '../logger';
import { Channel } from './channel';

/** A fixed number of channels that partitions share, so that connections do not grow with partitions. */
export class ChannelPool {
  private readonly slots: (Channel | undefined)[];

  constructor(
    size: number,
    private readonly config: KafkaConfig,
    private readonly logger: Logger,
  ) {
    this.slots = new Array<Channel | undefined>(size).fill(undefined);
  }

  /** The channel of a partition for its next batch; release it after the batch. */
  take(partition: number): Channel {
    const slot = partition % this.slots.length;
    let channel = this.slots[slot];
    if (!channel || channel.spent) {
      channel = new Channel(this.config, this.logger);
      this.slots[slot] = channel;
    }
    return channel.hold();
  }

  /** Resolves when one channel is connected, so that the first send does not pay for it. */
  async warm(): Promise<void> {
    const channel = this.take(0);
    try {
      await channel.ready();
    } finally {
      channel.release();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.slots.map(async (channel) => channel?.close()));
    this.slots.fill(undefined);
  }
}
