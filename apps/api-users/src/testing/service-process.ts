import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

const dist = path.join(__dirname, '../../../../dist/apps');

const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** A service as it runs in production: the built program, a process of its own that can be killed. */
export class ServiceProcess {
  private child: ChildProcess | undefined;
  /** All that it has written, over all its starts. */
  output = '';

  constructor(
    private readonly app: string,
    readonly url: string,
    private readonly settings: NodeJS.ProcessEnv,
  ) {}

  /** Resolves when it is ready for work. */
  async start(): Promise<void> {
    const main = path.join(dist, this.app, 'main.js');
    if (!existsSync(main)) throw new Error(`${main} is missing: run npm run build first.`);
    const { port } = new URL(this.url);
    const env = { ...process.env, HOST: '127.0.0.1', LOG_LEVEL: 'debug', PORT: port, ...this.settings };
    const child = spawn(process.execPath, ['--enable-source-maps', main], { env });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (part: Buffer) => (this.output += part.toString()));
    }
    running.add(child);
    child.once('exit', () => running.delete(child));
    const deadline = Date.now() + 30_000;
    while (!(await isReady(this.url))) {
      if (child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`${this.app} does not start:\n${this.output.slice(-2000)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Resolves with the exit code, `null` after SIGKILL, when the process is gone. */
  async kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return null;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
    return child.exitCode;
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/ready`)).ok;
  } catch {
    return false;
  }
}

export async function freeUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
