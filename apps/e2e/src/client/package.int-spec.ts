import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { makeTempFolder, removeFolder } from '@maru/stack';
import { minifySync } from '@swc/core';
import { type Maru, startMaru } from '../support/maru';
import { until } from '../support/until';

const root = path.resolve(__dirname, '../../../..');
const built = path.join(root, 'dist/libs/client');
const readme = readFileSync(path.join(root, 'libs/client/README.md'), 'utf8');
const sizeOf = (code: string): number => gzipSync(code, { level: 9 }).length;

describe('the package @maru/client', () => {
  /** A project that has installed the package, and nothing else. */
  let project: string;
  beforeAll(() => {
    project = makeTempFolder('maru-client-');
    mkdirSync(path.join(project, 'node_modules/@maru'), { recursive: true });
    cpSync(built, path.join(project, 'node_modules/@maru/client'), { recursive: true });
  });
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

  describe('and the chat of its README', () => {
    const code = /```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
    let maru: Maru;
    let chat: ChildProcess | undefined;
    beforeAll(async () => (maru = await startMaru()), 120_000);
    afterAll(async () => {
      chat?.kill();
      await maru.stop();
    });

    it('has about 20 lines', () => {
      expect(code.trim().split('\n').length).toBeLessThanOrEqual(20);
    });

    it('talks', async () => {
      const rest = maru.rest();
      await rest.signUp('ada@example.com', 'Ada', 'correct horse battery');
      await rest.signUp('bob@example.com', 'Bob', 'correct horse battery');
      const ada = await rest.logIn('ada@example.com', 'correct horse battery');
      const bob = await rest.logIn('bob@example.com', 'correct horse battery');
      const memberIds = [bob.user.id];
      const room = await rest.createRoom(ada.accessToken, { name: 'Tea', visibility: 'private', memberIds });
      await rest.post(bob.accessToken, room.id, { text: 'anybody there?' });
      writeFileSync(
        path.join(project, 'chat.mjs'),
        code.replaceAll('http://127.0.0.1:3310', maru.urls[0] ?? ''),
      );
      const child = (chat = spawn(process.execPath, ['chat.mjs'], { cwd: project }));
      let said = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (bytes: Buffer) => (said += bytes.toString()));
      const says = (text: string) =>
        until(
          () => `it says "${text}"; it said: ${said}`,
          () => said.includes(text),
        );
      await says('Bob: anybody there?');
      await says('(online)');
      child.stdin.write('I am\n');
      await says('Ada: I am');
      await rest.post(bob.accessToken, room.id, { text: 'good' });
      await says('Bob: good');
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.stdin.end();
      expect(await ended).toBe(0);
      const { items } = await rest.messages(bob.accessToken, room.id);
      expect(items.map(({ text }) => text)).toEqual(['anybody there?', 'I am', 'good']);
    });
  });
});
