import http from 'node:http';
import { type Message, messagePage } from '@maru/contracts';
import type { Bench } from './bench';
import { type LongRoom, makeLongRoom } from './long-room';
import type { Figure } from './report';
import type { Row } from './row';
import { spread } from './statistics';

const messages = 5_000_000;
const pageSize = 50;

export const historyRow: Row = {
  name: 'history',
  about: `a page of ${pageSize} over REST, in a room of ${messages.toLocaleString('en-GB')} messages`,
  measure,
};

interface Times {
  p50Ms: number;
  p99Ms: number;
}

async function measure(bench: Bench): Promise<Figure[]> {
  const { seconds, scale, say } = bench.options;
  const count = Math.max(1000, Math.round(messages * scale));
  return bench.alone({}, async (maru) => {
    const room = await makeLongRoom(maru, count, (made) => {
      if (made % 500_000 < 50_000) say(`${made.toLocaleString('en-GB')} messages are in the store`);
    });
    const reader = new PageReader(maru.urls[0] ?? '', room);
    try {
      await reader.read(2, () => undefined);
      const [end, middle]: [Times[], Times[]] = [[], []];
      await bench.repeat('history', async () => {
        end.push(await reader.read(seconds / 2, () => undefined));
        // Anywhere in the middle half, so that a page is not one that was read just now.
        const anywhere = () => Math.floor(room.lastSeq * (0.25 + Math.random() / 2));
        middle.push(await reader.read(seconds / 2, anywhere));
      });
      const name = `history page of ${pageSize}, ${count.toLocaleString('en-GB')} messages`;
      return [...figures(`${name}, at the end`, end), ...figures(`${name}, in the middle`, middle)];
    } finally {
      reader.close();
    }
  });
}

function figures(name: string, times: Times[]): Figure[] {
  const target = { goal: 5, floor: 20 };
  return [
    { name: `${name}, p50`, unit: 'ms', ours: spread(times.map(({ p50Ms }) => p50Ms)) },
    { name: `${name}, p99`, unit: 'ms', ours: spread(times.map(({ p99Ms }) => p99Ms)), target },
  ];
}

/** A client that asks for one page after the other over one connection to the gateway, and looks into each. */
class PageReader {
  private readonly agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

  constructor(
    private readonly url: string,
    private readonly room: LongRoom,
  ) {}

  /** For so long; `before` says where each page ends. */
  async read(seconds: number, before: () => number | undefined): Promise<Times> {
    const times: number[] = [];
    const start = performance.now();
    while (performance.now() - start < seconds * 1000) {
      const end = before();
      const asked = performance.now();
      const body = await this.get(end);
      times.push(performance.now() - asked);
      mustBePage(messagePage.parse(JSON.parse(body)).items, end ?? this.room.lastSeq + 1);
    }
    const sorted = times.sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? NaN;
    return { p50Ms: at(0.5), p99Ms: at(0.99) };
  }

  close(): void {
    this.agent.destroy();
  }

  private get(before: number | undefined): Promise<string> {
    const { roomId, users } = this.room;
    const query = `limit=${pageSize}${before === undefined ? '' : `&before=${before}`}`;
    const headers = { authorization: `Bearer ${users[0]?.token ?? ''}` };
    return new Promise((resolve, reject) => {
      const url = `${this.url}/api/rooms/${roomId}/messages?${query}`;
      const request = http.get(url, { agent: this.agent, headers }, (answer) => {
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

function mustBePage(items: Message[], end: number): void {
  if (items.length !== pageSize) throw new Error(`a page of ${items.length}`);
  items.forEach(({ seq }, index) => {
    if (seq !== end - pageSize + index) throw new Error(`${seq} where ${end - pageSize + index} should be`);
  });
}
