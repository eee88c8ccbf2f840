import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { spawnChild } from './child';
import { makeTempFolder, removeFolder } from './folders';
import { isGone, until } from './testing/until';

describe('a child process', () => {
  let folder: string;
  beforeEach(() => {
    folder = makeTempFolder();
  });
  afterEach(() => removeFolder(folder));

  it('has its own pid, exit code and log', async () => {
    const logFile = path.join(folder, 'child.log');
    const child = spawnChild({
      command: '/bin/sh',
      args: ['-c', 'echo "$$ $1"; exit 7', 'sh', 'a b'],
      env: process.env,
      logFile,
    });
    expect(await child.exited).toEqual({ code: 7, signal: null });
    expect(readFileSync(logFile, 'utf8')).toBe(`${child.pid} a b\n`);
  });

  it('tells of a program that does not exist', async () => {
    const logFile = path.join(folder, 'child.log');
    const child = spawnChild({ command: path.join(folder, 'nothing'), args: [], env: process.env, logFile });
    expect(await child.exited).toEqual({ code: 127, signal: null });
  });

  it('takes what it started along when it ends', async () => {
    const pidFile = path.join(folder, 'pid');
    const script = `sleep 600 & echo $! > ${pidFile}; wait`;
    const child = spawnChild({
      command: '/bin/sh',
      args: ['-c', script],
      env: process.env,
      logFile: path.join(folder, 'log'),
    });
    const grandchild = Number(await until(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8').trim()));
    child.kill('SIGTERM');
    await child.exited;
    await until(() => isGone(grandchild));
  });

  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)('ends when its supervisor gets %s', async (signal) => {
    const script = path.join(folder, 'supervisor.ts');
    const pids = path.join(folder, 'pids');
    // Deaf to signals, with a child of its own: only SIGKILL to the group ends it.
    const stubborn = `trap "" TERM INT HUP; sleep 600 & echo $$ $! > ${pids}; wait; wait`;
    writeFileSync(
      script,
      `import { spawnChild } from ${JSON.stringify(path.join(__dirname, 'child'))};
       spawnChild({ command: '/bin/sh', args: ['-c', ${JSON.stringify(stubborn)}], env: process.env, logFile: '${folder}/log' });
       setInterval(() => undefined, 1000);`,
    );
    const supervisor = spawn(process.execPath, ['--import', 'tsx', script], {
      stdio: 'ignore',
      cwd: __dirname,
    });
    const text = await until(() => existsSync(pids) && readFileSync(pids, 'utf8').trim(), 20_000);
    const both = text.split(' ').map(Number);
    expect(both.some(isGone)).toBe(false);
    supervisor.kill(signal);
    await until(() => both.every(isGone));
  });
});
