import type { RunFile } from '@maru/stack';
import { isReady } from '../support/maru';
import { pause } from '../support/until';
import type { CheckStack } from './check-stack';

const betweenMs = 200;
const answerWithinMs = 500;

/** Watches whether each service has a process that says it is ready. */
export class Readiness {
  /** When each had one again, or one still had none, for the last time; as `performance.now()` has it. */
  awayUntil = 0;
  private over = false;
  private readonly watching: Promise<void>;

  constructor(private readonly stack: CheckStack) {
    this.watching = this.watch();
  }

  async stop(): Promise<void> {
    this.over = true;
    await this.watching;
  }

  private async watch(): Promise<void> {
    let away = false;
    while (!this.over) {
      const run = this.stack.read();
      if (run) {
        const there = await allThere(run);
        if (away || !there) this.awayUntil = performance.now();
        away = !there;
      }
      await pause(betweenMs);
    }
  }
}

async function allThere({ users, auth, chat, routers, gateways }: RunFile): Promise<boolean> {
  const services = [[users], [auth], chat, gateways, ...(routers.length > 0 ? [routers] : [])].map(
    async (urls) => {
      const answers = await Promise.all(urls.map((url) => isReady(url, answerWithinMs)));
      return answers.includes(true);
    },
  );
  return !(await Promise.all(services)).includes(false);
}
