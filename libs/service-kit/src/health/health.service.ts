/** Resolves when all is well; throws with a short reason otherwise. */
export type HealthCheck = () => Promise<void> | void;

/** What must hold for the app to be ready. Parts add their check as they are wired. */
export class HealthService {
  private readonly checks = new Map<string, HealthCheck>();
  draining = false;

  add(name: string, check: HealthCheck): void {
    this.checks.set(name, check);
  }

  /** From now on not ready, so that no new work is sent here. */
  drain(): void {
    this.draining = true;
  }

  /** Each check's outcome; one that takes more than 2 s counts as failed. */
  async report(): Promise<{ ready: boolean; checks: Record<string, string> }> {
    const outcomes = await Promise.all(
      [...this.checks].map(async ([name, check]) => [name, await outcomeOf(check)] as const),
    );
    const ready = !this.draining && outcomes.every(([, outcome]) => outcome === 'ok');
    return {
      ready,
      checks: { ...Object.fromEntries(outcomes), ...(this.draining ? { draining: 'stopping' } : {}) },
    };
  }
}

async function outcomeOf(check: HealthCheck): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer within 2 s')), 2000);
  });
  try {
    await Promise.race([check(), tooLong]);
    return 'ok';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}
