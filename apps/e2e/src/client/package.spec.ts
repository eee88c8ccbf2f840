import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { removeFolder } from '@maru/stack';
import { minifySync } from '@swc/core';
import { built, projectWithClient, root } from './installed';

const readme = readFileSync(path.join(root, 'libs/client/README.md'), 'utf8');
const sizeOf = (code: string): number => gzipSync(code, { level: 9 }).length;

describe('the package @maru/client', () => {
  let project: string;
  beforeAll(() => (project = projectWithClient()));
  afterAll(() => removeFolder(project));

  const run = (file: string, code: string): string => {
    writeFileSync(path.join(project, file), code);
    return execFileSync(process.execPath, [file], { cwd: project, encoding: 'utf8' });
  };

  it.each(['index.mjs', 'index.cjs'])('%s is below 40 KB gzipped, as it stands', (file) => {
    expect(sizeOf(readFileSync(path.join(built, file), 'utf8'))).toBeLessThan(40 * 1024);
  });

  it('is as small in a page as its README says', () => {
    const code = readFileSync(path.join(built, 'index.mjs'), 'utf8');
    const minified = minifySync(code, { module: true, compress: true, mangle: true }).code;
    const said = Number(/(\d+) KB when minified and gzipped/.exec(readme)?.[1]);
    expect(Math.round(sizeOf(minified) / 1024)).toBe(said);
  });

  it('holds no other package', () => {
    for (const file of ['index.mjs', 'index.cjs']) {
      const code = readFileSync(path.join(built, file), 'utf8');
      expect(code).not.toMatch(/\brequire\(['"]|^import .* from /m);
      expect(code).not.toMatch(/\bzod\b/i);
    }
    const { dependencies } = JSON.parse(readFileSync(path.join(built, 'package.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    expect(dependencies).toBeUndefined();
  });

  it('is imported and required by plain Node', () => {
    const show = 'console.log(typeof connect, new MaruError("network", "no", true).code);';
    const said = 'function network\n';
    expect(run('a.mjs', `import { connect, MaruError } from '@maru/client'; ${show}`)).toBe(said);
    expect(run('a.cjs', `const { connect, MaruError } = require('@maru/client'); ${show}`)).toBe(said);
  });

  it('has types of its own, for import and require, that need no other package', () => {
    const code = `import { connect, isMaruError, type ChatMessage, type RoomEvent } from '@maru/client';
const maru = connect({ url: 'https://chat.example.org', token: async ({ stale }) => stale ?? 'token' });
const state: 'connecting' | 'online' | 'offline' | 'closed' = maru.state;
maru.on('event', (event: RoomEvent) => { if (event.type === 'messageEdited') console.log(event.text.length, state); });
const room = maru.room('a');
const shown: readonly ChatMessage[] = room.messages;
room.send({ text: 'hi', replyTo: 3 }).sent.catch((error: unknown) => isMaruError(error, 'muted') && error.retryAfterMs);
// @ts-expect-error: a text is no number
room.send({ text: 3 });
// @ts-expect-error: there is no such code
isMaruError(shown, 'no_such_code');
// @ts-expect-error: there is no such kind of event, which there would be if it were any
maru.on('event', (event) => event.type === 'nonsense');
`;
    for (const file of ['types.mts', 'types.cts']) writeFileSync(path.join(project, file), code);
    const options = [
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--lib',
      'es2022,dom',
      '--strict',
      '--noEmit',
    ];
    const tsc = path.join(root, 'node_modules/typescript/lib/tsc.js');
    execFileSync(process.execPath, [tsc, ...options, 'types.mts', 'types.cts'], {
      cwd: project,
      encoding: 'utf8',
    });
  });
});
