import type { TopicPartition } from '../records/record';

const EVERY_MS = 100;

interface Mark extends TopicPartition {
  offset: number;
}

/** Gathers commits and sends them in order, the newest of each partition, at most every 100 ms. */
export class Committer {
  private readonly marks = new Map<string, Mark>();
  private timer: NodeJS.Timeout | undefined;
  private sending: Promise<void> = Promise.resolve();

  constructor(
    private readonly send: (marks: Mark[]) => Promise<void>,
    private readonly failed: (error: unknown) => void,
  ) {}

  mark(topic: string, partition: number, offset: number): void {
    this.marks.set(`${topic}/${partition}`, { topic, partition, offset });
    this.timer ??= setTimeout(() => void this.flush(), EVERY_MS);
  }

  /** Sends what is marked now, after what is on its way. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const marks = [...this.marks.values()];
    this.marks.clear();
    if (marks.length > 0) {
      // A lost commit only makes records come again; the next one covers it.
      this.sending = this.sending.then(() => this.send(marks)).catch(this.failed);
    }
    return this.sending;
  }

  /** Forgets what is marked: the partitions may be another's by now. */
  clear(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.marks.clear();
  }
}
