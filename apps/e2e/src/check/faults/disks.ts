import { execFileSync } from 'node:child_process';
import { closeSync, copyFileSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { makeTempFolder, removeFolder } from '@maru/stack';
import { pause } from '../../support/until';
import type { CheckStack } from '../check-stack';
import type { CatalogueFault } from './catalogue';
import { LastWill } from './last-will';
import { endAndWait } from './processes';

const seconds = 12;

/** A disk of its own below one process, small enough to be filled. */
export class SmallDisk {
  private mounted = true;
  private readonly will: LastWill;

  private constructor(
    readonly of: string,
    private readonly folder: string,
  ) {
    this.will = LastWill.leave('umount --lazy "$1"', folder);
  }

  /** Undefined where one may not mount, as only root may. */
  static mount(name: string, folder: string, megabytes: number): SmallDisk | undefined {
    mkdirSync(folder, { recursive: true });
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'pipe' });
      return new SmallDisk(name, folder);
    } catch {
      return undefined;
    }
  }

  /** Whether one may mount here. */
  static permitted(): boolean {
    const folder = makeTempFolder();
    const disk = SmallDisk.mount('nobody', folder, 1);
    disk?.unmount();
    removeFolder(folder);
    return disk !== undefined;
  }

  /** To the last byte. */
  fill(): void {
    const file = openSync(this.filler, 'w');
    const full = (piece: Buffer): boolean => {
      try {
        return writeSync(file, piece) === 0;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return true;
        throw error;
      }
    };
    for (let size = 1 << 20; size >= 1; size >>= 5) {
      const piece = Buffer.alloc(size);
      while (!full(piece));
    }
    closeSync(file);
  }

  free(): void {
    rmSync(this.filler, { force: true });
  }

  /** What was on it is gone. */
  unmount(): void {
    if (!this.mounted) return;
    this.mounted = false;
    keepLogs(this.folder);
    // Lazily: a server that was killed may still be ending.
    execFileSync('umount', ['--lazy', this.folder], { stdio: 'pipe' });
    this.will.revoke();
  }

  private get filler(): string {
    return path.join(this.folder, 'filler');
  }
}

/** With `MARU_KEEP=1` what a broker wrote down lies beside its folder: below it is gone with the disk. */
function keepLogs(folder: string): void {
  if (process.env.MARU_KEEP !== '1') return;
  const logs = readdirSync(folder).filter((name) => name.includes('.log'));
  for (const name of logs) copyFileSync(path.join(folder, name), `${folder}.${name}`);
}

/** Full for a while, then with room again. A broker takes its disk for lost and has to be started again. */
export function fullDisks(disks: readonly SmallDisk[]): CatalogueFault[] {
  return disks.map((disk) => ({
    kind: `disk full under ${disk.of}`,
    minSeconds: seconds + 5,
    times: 1,
    throw: (stack) => fillForAWhile(stack, disk),
  }));
}

async function fillForAWhile(stack: CheckStack, disk: SmallDisk): Promise<void> {
  try {
    disk.fill();
    await pause(seconds * 1000);
  } finally {
    disk.free();
  }
  if (disk.of.startsWith('kafka')) await endAndWait(stack, disk.of, 'SIGKILL');
}
