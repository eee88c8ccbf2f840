import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/**
 * Reads a pipe whose other end only we hold. A line in it revokes the will; the kernel closes it however we end,
 * SIGKILL included, and then the script is run.
 */
const heir = `trap '' INT TERM HUP; read -r _ && exit 0\n`;

/** What has to be put right on this machine when this process ends before it has done so itself. */
export class LastWill {
  private constructor(private readonly line: Socket) {}

  /** A script for sh, with its arguments as `$1`, `$2` … */
  static leave(script: string, ...args: string[]): LastWill {
    const child = spawn('/bin/sh', ['-c', heir + script, 'maru', ...args], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.unref();
    const line = child.stdin as Socket;
    line.on('error', () => undefined).unref();
    return new LastWill(line);
  }

  /** It has been put right. */
  revoke(): void {
    this.line.end('\n');
  }
}
