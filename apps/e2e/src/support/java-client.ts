import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Ack, AckBodies, ErrorBody, RoomEvent, ServerEvents } from '@maru/contracts';
import { javaClassPath } from './java-build';
import { ClientRecord, type Sent } from './record';
import { until } from './until';
import type { TestUser } from './user';

interface Line {
  what: 'loggedIn' | 'ready' | 'ack' | 'heard' | 'refused' | 'wrong';
  body: unknown;
}

/** A user at the stock Socket.IO client for Java, in a process of its own; what it tells is written down here. */
export class JavaClient {
  readonly record: ClientRecord;
  private readonly told: Line[] = [];
  private errors = '';

  private constructor(
    user: TestUser,
    private readonly java: ChildProcessWithoutNullStreams,
  ) {
    this.record = new ClientRecord(user.id, user.name);
    java.stderr.on('data', (chunk: Buffer) => (this.errors += chunk.toString()));
    createInterface({ input: java.stdout }).on('line', (line) => this.take(JSON.parse(line) as Line));
  }

  /** Logs in over REST by itself. */
  static async start(url: string, user: TestUser): Promise<JavaClient> {
    const args = ['-Dfile.encoding=UTF-8', '-Dstdout.encoding=UTF-8', '-cp', await javaClassPath()];
    const client = new JavaClient(user, spawn('java', [...args, 'chat.maru.e2e.ChatProbe', url]));
    client.run({ do: 'login', email: user.email, password: user.password });
    await client.next('loggedIn');
    return client;
  }

  async connect(): Promise<void> {
    this.run({ do: 'connect' });
    await this.next('ready');
  }

  drop(): void {
    this.run({ do: 'drop' });
  }

  async send(roomId: string, id: string, text: string): Promise<void> {
    const sent: Sent = {
      roomId,
      id,
      text,
      messageKind: 'text',
      outcome: { kind: 'unknown' },
      at: performance.now(),
      tookMs: 0,
      doubtful: false,
      tries: [],
    };
    this.record.sent.push(sent);
    this.run({ do: 'send', message: { roomId, id, text } });
    const ack = (await this.next('ack')) as Ack<AckBodies['sendMessage']>;
    sent.outcome = ack.ok ? { kind: 'acked', seq: ack.seq } : { kind: 'refused', code: ack.error.code };
  }

  async caughtUp(roomId: string, seq: number): Promise<void> {
    await until(`Java hears ${seq}`, () => this.record.last(roomId) >= seq);
  }

  async stop(): Promise<void> {
    const exited = once(this.java, 'exit');
    this.java.stdin.end();
    await exited;
  }

  private run(command: object): void {
    this.java.stdin.write(`${JSON.stringify(command)}\n`);
  }

  private take({ what, body }: Line): void {
    if (what === 'heard') this.record.hear(body as RoomEvent);
    else this.told.push({ what, body });
    if (what !== 'ready') return;
    for (const [roomId, at] of Object.entries((body as ServerEvents['ready']).rooms)) {
      this.record.ready(roomId, at);
    }
  }

  /** The next line of this sort; a refusal or an error of the program is thrown. */
  private async next(what: Line['what']): Promise<unknown> {
    const bad = () => this.told.find((line) => line.what === 'refused' || line.what === 'wrong');
    const find = () => bad() ?? this.told.find((line) => line.what === what);
    const line = await until(() => `Java tells ${what}; it said ${this.errors}`, find, 20_000);
    this.told.splice(this.told.indexOf(line), 1);
    if (line.what !== what)
      throw new Error(`Java was refused: ${(line.body as ErrorBody & { text: string }).text}`);
    return line.body;
  }
}
