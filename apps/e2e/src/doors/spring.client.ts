import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { javaClassPath } from '../support/java-build';
import { until } from '../support/until';
import { type DoorClient, type DoorUser, RoomEar } from './door-client';

type Line =
  | { what: 'heard'; type: string; body: unknown }
  | { what: 'receipt'; id: string; seq: string; duplicate: boolean }
  | { what: 'wrong'; id: string; seq: string };

/** Spring's STOMP client, in a JVM of its own: another language at the same door. */
export class SpringDoor implements DoorClient {
  readonly ear: RoomEar;
  private java: ChildProcessWithoutNullStreams | undefined;
  private readonly receipts = new Map<string, Line & { what: 'receipt' }>();
  private ready = false;
  private said = '';

  constructor(private readonly user: DoorUser) {
    this.ear = new RoomEar(user.roomId);
  }

  async connect(): Promise<void> {
    const { url, token, roomId } = this.user;
    const args = ['-Dfile.encoding=UTF-8', '-Dstdout.encoding=UTF-8', '-cp', await javaClassPath()];
    const program = ['chat.maru.e2e.StompProbe', url.replace('http', 'ws'), token, roomId];
    this.java ??= spawn('java', [...args, ...program]).on('exit', () => (this.java = undefined));
    if (this.java.stdout.listenerCount('data') === 0) {
      this.java.stderr.on('data', (chunk: Buffer) => (this.said += chunk.toString()));
      createInterface({ input: this.java.stdout }).on('line', (line) => this.take(JSON.parse(line) as Line));
    }
    this.ready = false;
    this.tell({ do: 'connect', lastSeq: this.ear.last });
    await until(
      () => `Spring is ready; it said ${this.said.slice(-2000)}`,
      () => this.ready,
      30_000,
    );
  }

  /** The JVM's end cuts the line as the loss of a device does. */
  cut(): void {
    this.java?.kill('SIGKILL');
    this.java = undefined;
  }

  async send(id: string, text: string): Promise<{ seq: number; duplicate: boolean }> {
    this.receipts.delete(id);
    this.tell({ do: 'send', id, text });
    const { seq, duplicate } = await until(
      () => `Spring has a receipt of ${id}; it said ${this.said.slice(-2000)}`,
      () => this.receipts.get(id),
    );
    return { seq: Number(seq), duplicate };
  }

  private tell(command: object): void {
    this.java?.stdin.write(`${JSON.stringify(command)}\n`);
  }

  private take(line: Line): void {
    if (line.what === 'receipt') this.receipts.set(line.id, line);
    else if (line.what === 'wrong') this.said += `${line.id}: ${line.seq}\n`;
    else {
      this.ready ||= line.type === 'ready';
      this.ear.take(line.type, line.body);
    }
  }
}
