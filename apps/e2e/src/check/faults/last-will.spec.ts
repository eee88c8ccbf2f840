import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { makeTempFolder, removeFolder } from '@maru/stack';
import { until } from '../../support/until';

/** Leaves two wills, which make a file each, revokes the first, says so, and stays for as long as it is let. */
const program = `
  const { LastWill } = await import(${JSON.stringify(path.join(__dirname, 'last-will.ts'))});
  const [, first, second] = process.argv;
  LastWill.leave('touch "$1"', first).revoke();
  LastWill.leave('touch "$1"', second);
  console.log('left');
  process.stdin.resume();
`;

let folder: string;
beforeEach(() => {
  folder = makeTempFolder();
});
afterEach(() => removeFolder(folder));

it.each(['SIGKILL', 'SIGTERM', undefined] as const)(
  'a will is done after %s, and not before',
  async (signal) => {
    const files = ['revoked', 'left to do'].map((name) => path.join(folder, name));
    const [revoked = '', left = ''] = files;
    const args = ['--import', 'tsx', '--input-type=module', '--eval', program, ...files];
    const child = spawn(process.execPath, args, { cwd: __dirname, stdio: ['pipe', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    expect(existsSync(left)).toBe(false);
    if (signal) child.kill(signal);
    else child.stdin.end();
    await until('the will is done', () => existsSync(left));
    expect(existsSync(revoked)).toBe(false);
  },
);
