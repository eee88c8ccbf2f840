import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { removeFolder } from '@maru/stack';
import { until } from '../support/until';
import type { ClientStage } from './client-stage';
import { projectWithClient, root } from './installed';

const readme = readFileSync(path.join(root, 'libs/client/README.md'), 'utf8');
const code = /```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';

/** Promises about the chat that stands in the README of the client. */
export function readmeChat(stage: () => ClientStage): void {
  let project: string;
  let chat: ChildProcess | undefined;
  beforeAll(() => (project = projectWithClient()));
  afterAll(() => {
    chat?.kill();
    removeFolder(project);
  });

  it('has about 20 lines', () => {
    expect(code.trim().split('\n').length).toBeLessThanOrEqual(20);
  });

  it('talks', async () => {
    const rest = stage().maru.rest();
    await rest.signUp('ada@example.com', 'Ada', 'correct horse battery');
    await rest.signUp('bob@example.com', 'Bob', 'correct horse battery');
    const ada = await rest.logIn('ada@example.com', 'correct horse battery');
    const bob = await rest.logIn('bob@example.com', 'correct horse battery');
    const memberIds = [bob.user.id];
    const room = await rest.createRoom(ada.accessToken, { name: 'Tea', visibility: 'private', memberIds });
    await rest.post(bob.accessToken, room.id, { text: 'anybody there?' });
    writeFileSync(path.join(project, 'chat.mjs'), code.replaceAll('http://127.0.0.1:3310', stage().url));
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
}
