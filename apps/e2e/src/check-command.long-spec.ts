import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isSameProcess, makeTempFolder, readRunFile, removeFolder, type RunFile } from '@maru/stack';
import { until } from './support/until';

/** `npm run check` as people run it, without npm, and what it leaves behind when it is ended. */
class CheckCommand {
  said = '';
  readonly child: ChildProcess;

  constructor(args: readonly string[], env: NodeJS.ProcessEnv) {
    const command = path.join(__dirname, 'check/check.command.ts');
    this.child = spawn(process.execPath, ['--import', 'tsx', command, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.said += chunk.toString()));
  }

  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }
}

describe('a check that is ended', () => {
  let folder: string;
  let check: CheckCommand;
  beforeEach(() => {
    folder = makeTempFolder('maru-ended-');
    // With a Maru of its own, all of it below this folder.
    check = new CheckCommand(['--minutes', '10'], { TMPDIR: folder, MARU_HOME: path.join(folder, 'none') });
  });
  afterEach(async () => {
    check.child.kill('SIGKILL');
    await nothingLeft();
    removeFolder(folder);
  });

  const run = (): RunFile | undefined => {
    const home = readdirSync(folder).find((name) => name.startsWith('maru-check-'));
    return home === undefined ? undefined : readRunFile(path.join(folder, home));
  };
  const left = () => [
    ...readdirSync(folder).filter((name) => name.startsWith('maru-')),
    ...readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .filter((mount) => mount.includes(folder)),
  ];
  const nothingLeft = () =>
    until(
      () => `nothing is left, but ${left().join()}`,
      () => left().length === 0,
      20_000,
    );

  it.each([
    ['SIGINT while it runs', 'SIGINT', ' begin'],
    ['SIGKILL while it runs', 'SIGKILL', ' begin'],
    ['SIGINT while it starts', 'SIGINT', 'No Maru runs'],
  ] as const)(
    'by %s leaves no process, no mount and no file',
    async (_, signal, word) => {
      const processes = await until(
        `it says "${word}" and has begun processes`,
        () => check.said.includes(word) && run()?.processes,
        90_000,
      );
      expect(processes.length).toBeGreaterThan(0);
      check.child.kill(signal);
      expect(await check.ended()).toBe(signal === 'SIGINT' ? 2 : null);
      if (signal === 'SIGINT') expect(check.said).toContain('nothing was judged');
      await until('all have ended', () => !processes.some(({ identity }) => isSameProcess(identity)));
      await nothingLeft();
    },
    150_000,
  );
});
