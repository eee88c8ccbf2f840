import { spawn } from 'node:child_process';
import { makeTempFolder, removeFolder } from '@maru/stack';
import { until } from '../../support/until';
import { clockSettings, setClock } from './clocks';

/** Says, ten times a second, what time it is by the two ways to ask. */
const program =
  'setInterval(() => console.log(Date.now(), new Date().getTime(), new Date(5).getTime()), 100)';

it('sets one process ten minutes wrong while it runs, and right again', async () => {
  const folder = makeTempFolder();
  const child = spawn(process.execPath, ['-e', program], {
    env: { ...process.env, ...clockSettings(folder) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    let last: number[] = [];
    child.stdout.on('data', (chunk: Buffer) => {
      last = (chunk.toString().trim().split('\n').at(-1) ?? '').split(' ').map(Number);
    });
    const offBy = (ms: number) => () => {
      const [now = 0, made = 0, given] = last;
      return Math.abs(now - Date.now() - ms) < 5_000 && Math.abs(made - now) < 100 && given === 5;
    };
    await until('it begins right', offBy(0));
    await setClock(folder, child.pid ?? 0, 600_000);
    await until('it is ten minutes fast', offBy(600_000));
    await setClock(folder, child.pid ?? 0, -600_000);
    await until('it is ten minutes slow', offBy(-600_000));
    await setClock(folder, child.pid ?? 0, 0);
    await until('it is right again', offBy(0));
  } finally {
    child.kill('SIGKILL');
    removeFolder(folder);
  }
});
