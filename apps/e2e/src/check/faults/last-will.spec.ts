import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeTempFolder, removeFolder } from '@maru/stack';
import { until } from '../../support/until';
import { removal } from './weak-stack';

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

it('the will of a Maru removes its folder, and databases that lie elsewhere', () => {
  const [home, database] = ['home', 'database of another user'].map((name) => path.join(folder, name)) as [
    string,
    string,
  ];
  for (const place of [path.join(home, 'postgres'), database]) mkdirSync(place, { recursive: true });
  writeFileSync(path.join(database, 'data'), '');
  symlinkSync(database, path.join(home, 'postgres', 'elsewhere'));
  execFileSync('/bin/sh', ['-c', removal, 'maru', home]);
  expect([home, database].map((place) => existsSync(place))).toEqual([false, false]);
});
