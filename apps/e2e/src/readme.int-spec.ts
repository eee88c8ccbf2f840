import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Maru, startMaru } from './support/maru';
import { until } from './support/until';

const root = path.resolve(__dirname, '../../..');
const section = readFileSync(path.join(root, 'README.md'), 'utf8').split('## A first conversation')[1] ?? '';
const hasCurl = spawnSync('curl', ['--version']).error === undefined;
if (!hasCurl) process.stdout.write('skipped: the README with curl; "apt install curl" installs it\n');

/** The first block of this language under "A first conversation". */
function block(language: string): string {
  const match = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(section);
  return match?.[1] ?? '';
}

describe('the first conversation of the README', () => {
  let maru: Maru;
  let client: ChildProcess | undefined;
  beforeAll(async () => {
    maru = await startMaru();
  }, 120_000);
  afterAll(async () => {
    client?.kill();
    await maru.stop();
  });

  const moved = (text: string): string => text.replaceAll('http://127.0.0.1:3310', maru.urls[0] ?? '');

  (hasCurl ? it : it.skip)('goes with curl, as it stands there', async () => {
    const { stdout } = await promisify(execFile)('bash', ['-euc', `token=\n${moved(block('sh'))}`]);
    const [user, sent, again, page] = stdout.trim().split('\n');
    expect(JSON.parse(user ?? '')).toMatchObject({ email: 'ada@example.com', name: 'Ada' });
    const message = JSON.parse(sent ?? '') as { seq: number };
    expect(message).toMatchObject({ type: 'message', id: 'first', text: 'Hello, Maru' });
    expect(JSON.parse(again ?? '')).toEqual({ ...message, duplicate: true });
    expect(JSON.parse(page ?? '')).toEqual({ items: [message], seq: message.seq });
  });

  (hasCurl ? it : it.skip)('goes on with socket.io-client', async () => {
    const script = ['--input-type=module', '--eval', moved(block('js'))];
    const child = (client = spawn(process.execPath, script, { cwd: root }));
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    }
    await until(
      () => `an ack and the message; it said: ${said}`,
      () => /ok: true/.test(said) && /#\d+: Hello again/.test(said),
    );
  });

  it('names routes that are there', async () => {
    expect((await fetch(`${maru.urls[0]}/docs`)).status).toBe(200);
  });
});
