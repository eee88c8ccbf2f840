import { readFileSync } from 'node:fs';
import path from 'node:path';
import { appNames, workspaceRoot } from './apps';
import { type Child, spawnChild } from './child';
import type { Home } from './home';
import { tail } from './managed-process';
import { StackError } from './stack-error';

const stopWithinMs = 5_000;

/** Builds the apps; what did not change comes from Nx's cache. */
export class Build {
  private child: Child | undefined;

  constructor(private readonly home: Home) {}

  async run(): Promise<void> {
    const logFile = this.home.logFile('build');
    const nx = path.join(workspaceRoot, 'node_modules/.bin/nx');
    const args = [nx, 'run-many', '-t', 'build', '-p', appNames.join(','), '--outputStyle=static'];
    // Nx's daemon would outlive us.
    const env = { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false', FORCE_COLOR: '0' };
    this.child = spawnChild({ command: process.execPath, args, cwd: workspaceRoot, env, logFile });
    const { code } = await this.child.exited;
    if (code === 0) return;
    const wrong = readFileSync(logFile, 'utf8').includes('Cannot find module') ? ' (did "npm ci" run?)' : '';
    throw new StackError(`The build failed${wrong}. The end of ${logFile}:\n${tail(logFile)}`);
  }

  /** A build that is as good as done is let end: a kill may cut a file of `dist` that it is writing. */
  async stop(): Promise<void> {
    if (this.child === undefined) return;
    const kill = setTimeout(() => this.child?.kill('SIGKILL'), stopWithinMs);
    await this.child.exited;
    clearTimeout(kill);
  }
}
