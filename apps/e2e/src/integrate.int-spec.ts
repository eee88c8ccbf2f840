import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '@maru/stack';
import { type Maru, startMaru } from './support/maru';
import { authDatabase } from './support/server-key';
import { until } from './support/until';

const root = path.resolve(__dirname, '../../..');
const page = readFileSync(path.join(root, 'docs/integrate.md'), 'utf8');
const [, thirty = ''] = /\n## Thirty lines.*\n([\s\S]*?)\n## /.exec(page) ?? [];
const blocks = [...thirty.matchAll(/```(?:js|sh)\n([\s\S]*?)```/g)].map(([, code = '']) => code);
const [command = '', shop = '', client = ''] = blocks;

describe('the product of docs/integrate.md', () => {
  const children: ChildProcess[] = [];
  let maru: Maru;
  beforeAll(async () => {
    maru = await startMaru();
  }, 120_000);
  afterAll(async () => {
    for (const child of children) child.kill();
    await maru.stop();
  });

  /** What it has written so far. */
  function run(script: string, env: NodeJS.ProcessEnv): () => string {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: root,
      env: { ...process.env, ...env },
    });
    children.push(child);
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    return () => said;
  }

  it('has chat in 30 lines', async () => {
    expect(shop.trim().split('\n').length).toBeLessThanOrEqual(30);
    const env = { ...process.env, DATABASE_URL: authDatabase(maru) };
    const { stdout } = await promisify(execFile)('bash', ['-euc', command], { cwd: root, env });
    const [MARU_KEY = '', MARU_URL = ''] = [stdout.trim(), maru.urls[0]];
    expect(MARU_KEY).toMatch(/^maru_sk_/);
    const port = await freePort();
    const SHOP_URL = `http://127.0.0.1:${port}`;
    const ofShop = run(shop, { MARU_KEY, MARU_URL, PORT: String(port) });
    await until(ofShop, async () => (await fetch(SHOP_URL).catch(() => undefined))?.status === 401);
    const ofPage = run(client, { MARU_URL, SHOP_URL });
    await until(
      () => `an ack and the message; the page: ${ofPage()}; the shop: ${ofShop()}`,
      () => /ok: true/.test(ofPage()) && /#\d+: Where is my order\?/.test(ofPage()),
    );
    const again = await fetch(`${SHOP_URL}/orders/1042/chat`, {
      method: 'POST',
      headers: { 'x-customer': '7' },
    });
    expect(again.status).toBe(200);
  }, 90_000);
});
