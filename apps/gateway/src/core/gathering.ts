export interface GatheringRules<Q> {
  /** One call takes questions up to this weight in sum; each weighs 1 unless `weightOf` says more. */
  maxWeight: number;
  weightOf?: (question: Q) => number;
  /** Calls under way at once; what comes meanwhile makes the next calls larger. */
  maxCalls?: number;
}

interface Asked<Q, A> {
  question: Q;
  resolve: (answer: A) => void;
  reject: (error: unknown) => void;
}

/** Makes one call of many questions: those of the same tick, and those that came while calls were under way. */
export class Gathering<Q, A> {
  private waiting: Asked<Q, A>[] = [];
  private calls = 0;
  private scheduled = false;

  /** `call` answers in the order of the questions; when it fails, each of them fails. */
  constructor(
    private readonly call: (questions: readonly Q[]) => Promise<readonly A[]>,
    private readonly rules: GatheringRules<Q>,
  ) {}

  ask(question: Q): Promise<A> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ question, resolve, reject });
      if (this.scheduled) return;
      this.scheduled = true;
      setImmediate(() => {
        this.scheduled = false;
        this.start();
      });
    });
  }

  private start(): void {
    while (this.waiting.length > 0 && this.calls < (this.rules.maxCalls ?? 4)) void this.run(this.take());
  }

  private take(): Asked<Q, A>[] {
    let weight = 0;
    let count = 0;
    for (const { question } of this.waiting) {
      weight += this.rules.weightOf?.(question) ?? 1;
      if (count > 0 && weight > this.rules.maxWeight) break;
      count++;
    }
    return this.waiting.splice(0, count);
  }

  private async run(asked: Asked<Q, A>[]): Promise<void> {
    this.calls++;
    try {
      const answers = await this.call(asked.map(({ question }) => question));
      asked.forEach(({ resolve }, index) => resolve(answers[index] as A));
    } catch (error) {
      for (const { reject } of asked) reject(error);
    } finally {
      this.calls--;
      this.start();
    }
  }
}
