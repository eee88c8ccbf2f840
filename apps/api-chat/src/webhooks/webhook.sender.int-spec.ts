import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '@maru/stack';
import { Receiver } from '../testing/receiver';
import { isPublicAddress } from './public-addresses';
import { signature, type WebhookEnv, WebhookSender } from './webhook.sender';

const WEBHOOK_SECRET = 'a secret of the webhook';

describe('the webhook', () => {
  let receiver: Receiver;
  const senders: WebhookSender[] = [];
  beforeEach(async () => void (receiver = await new Receiver().start()));
  afterEach(async () => {
    for (const sender of senders.splice(0)) sender.onModuleDestroy();
    await receiver.stop();
  });

  const sender = (url: string, more: Partial<WebhookEnv> = {}): WebhookSender => {
    const env: WebhookEnv = {
      ...{ WEBHOOK_URL: url, WEBHOOK_SECRET, WEBHOOK_TIMEOUT_MS: 5000, WEBHOOK_ALLOW_PRIVATE: 'on' },
      ...more,
    };
    const made = new WebhookSender(env);
    senders.push(made);
    return made;
  };
  const here = (host = '127.0.0.1') => `http://${host}:${receiver.port}/push?app=1`;

  it('signs the time and the body', async () => {
    await sender(here()).post('{"a":"안녕"}', { 'ce-id': 'x' });
    const [{ path: to, headers, body } = { path: '', headers: {}, body: '' }] = receiver.received;
    expect([to, body, headers['ce-id']]).toEqual(['/push?app=1', '{"a":"안녕"}', 'x']);
    const given = headers['maru-signature'] as string;
    const seconds = Number(/^t=(\d+),/.exec(given)?.[1]);
    expect(Math.abs(Date.now() / 1000 - seconds)).toBeLessThan(10);
    expect(given).toBe(signature(WEBHOOK_SECRET, seconds, body));
    expect(signature('Jefe', 1, 'x')).toBe(
      't=1,v1=2f7ccbd0f043456ad29514b2d24a8aa345ec6673a5db1b44e91c8ac99d1841e3',
    );
  });

  it.each([301, 307, 400, 410, 500])('follows nothing and takes %i for a failure', async (status) => {
    receiver.answer = () => status;
    await expect(sender(here()).post('{}', {})).rejects.toThrow(`answered ${status}`);
    expect(receiver.received).toHaveLength(1);
  });

  it('does not wait for long', async () => {
    receiver.answer = () => 'nothing';
    await expect(sender(here(), { WEBHOOK_TIMEOUT_MS: 100 }).post('{}', {})).rejects.toThrow(
      /abort|timeout/i,
    );
  });

  it.each(['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1', '0.0.0.0'])(
    'is not sent to %s, which is internal',
    async (host) => {
      const closed = sender(here(host), { WEBHOOK_ALLOW_PRIVATE: 'off' });
      await expect(closed.post('{}', {})).rejects.toThrow('internal address');
      expect(receiver.received).toEqual([]);
    },
  );

  it.each([
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    'fd00:ec2::254',
  ])('takes %s for internal', (address) => expect(isPublicAddress(address)).toBe(false));
  it.each(['fe80::1', '::', '64:ff9b::7f00:1', '2002:7f00:1::', '::ffff:10.0.0.1', '255.255.255.255', 'x'])(
    'takes %s for internal too',
    (address) => expect(isPublicAddress(address)).toBe(false),
  );
  it.each(['8.8.8.8', '93.184.216.34', '2606:2800:220:1:248:1893:25c8:1946', '::ffff:8.8.8.8'])(
    'takes %s for public',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );

  it('is understood by the receiver of docs/notifications.md, which refuses what is not signed', async () => {
    const page = readFileSync(path.join(__dirname, '../../../../docs/notifications.md'), 'utf8');
    const [, script = ''] = /<!-- tested -->\n\n```js\n(.*?)```/s.exec(page) ?? [];
    const port = await freePort();
    const env = { ...process.env, WEBHOOK_SECRET, PORT: String(port) };
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { env });
    try {
      const url = `http://127.0.0.1:${port}/`;
      await listening(url);
      const line = once(child.stdout, 'data');
      await sender(url).post('{"unread":3}', { 'ce-id': 'a/b/1' });
      expect(String((await line)[0])).toBe('a/b/1 3\n');
      const wrong = sender(url, { WEBHOOK_SECRET: 'another secret of it' });
      await expect(wrong.post('{"unread":3}', {})).rejects.toThrow('answered 403');
    } finally {
      child.kill();
    }
  });

  async function listening(url: string): Promise<void> {
    for (const end = Date.now() + 10_000; Date.now() < end; await new Promise((r) => setTimeout(r, 50)))
      if (await fetch(url, { method: 'POST' }).catch(() => undefined)) return;
    throw new Error('the receiver does not listen');
  }
});
