import http from 'node:http';
import type { eventPage, messagePage } from '@maru/contracts';

/** A page that is asked for, and what must be in it: so many seqs from `first` on. */
export interface Asked {
  path: string;
  page: typeof messagePage | typeof eventPage;
  first: number;
  size: number;
}

export interface PageTimes {
  p50Ms: number;
  p99Ms: number;
}

/** A client that asks for one page after the other over one connection to the gateway, and looks into each. */
export class PageReader {
  private readonly agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  /** For so long; `next` says what to ask for. */
  async read(seconds: number, next: () => Asked): Promise<PageTimes> {
    const times: number[] = [];
    const start = performance.now();
    while (performance.now() - start < seconds * 1000) {
      const asked = next();
      const began = performance.now();
      const body = await this.get(asked.path);
      times.push(performance.now() - began);
      mustBePage(body, asked);
    }
    return percentiles(times);
  }

  close(): void {
    this.agent.destroy();
  }

  private get(path: string): Promise<string> {
    const headers = { authorization: `Bearer ${this.token}` };
    return new Promise((resolve, reject) => {
      const request = http.get(`${this.url}/api${path}`, { agent: this.agent, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('error', reject);
        answer.once('end', () => {
          const body = Buffer.concat(chunks).toString('utf8');
          if (answer.statusCode === 200) resolve(body);
          else reject(new Error(`a page was answered with ${answer.statusCode}: ${body}`));
        });
      });
      request.once('error', reject);
    });
  }
}

export function percentiles(times: readonly number[]): PageTimes {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? NaN;
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}

function mustBePage(body: string, { page, first, size }: Asked): void {
  const { items } = page.parse(JSON.parse(body));
  if (items.length !== size) throw new Error(`a page of ${items.length} where ${size} should be`);
  items.forEach(({ seq }, index) => {
    if (seq !== first + index) throw new Error(`${seq} where ${first + index} should be`);
  });
}
