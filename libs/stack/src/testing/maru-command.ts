import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { workspaceRoot } from '../apps';

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** `npm start` or `npm run reset` as a process, without npm; `env` comes on top of ours. */
export class MaruCommand {
  readonly ended: Promise<Outcome>;
  private readonly child: ChildProcess;
  private stdout = '';
  private stderr = '';

  constructor(args: string[], env: NodeJS.ProcessEnv) {
    const tsx = path.join(workspaceRoot, 'node_modules/tsx/dist/cli.mjs');
    const command = [tsx, path.join(workspaceRoot, 'libs/stack/src/main.ts'), ...args];
    const own = { KAFKA_BROKERS: '', DATABASE_URL: '', NODE_ENV: 'development' };
    this.child = spawn(process.execPath, command, { env: { ...process.env, ...own, ...env }, stdio: 'pipe' });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code) => resolve({ code, stdout: this.stdout, stderr: this.stderr }));
    });
  }

  /** What it has said on standard output so far. */
  get said(): string {
    return this.stdout;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}
