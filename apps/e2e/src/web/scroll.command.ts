import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { newUser } from '../support/user';
import { PlainDoor } from '../doors/plain.client';
import { atPage } from './browser';
import { PageUser } from './page-user';
import { fill, p95, type Scroll, scroll } from './scroll-trial';

/** Scrolls through a long room at the page, up while older pages are read and down again, and says how smooth it was. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { messages: { type: 'string', default: '10000' } } });
  const count = Number(values.messages);
  await atPage(async (maru, browser) => {
    const [url = ''] = maru.urls;
    const ada = await PageUser.signUp(browser, url, 'Ada');
    const roomId = await ada.createRoom('Long');
    const { token } = await newUser(maru.rest(), 'Bob');
    await maru.rest().join(token, roomId);
    const door = new PlainDoor({ url, mqtt: '', token, roomId });
    await door.connect();
    await fill(door, count);
    door.cut();
    await ada.page.reload();
    await ada.page.locator('article.message').first().waitFor();
    console.log(`${count} messages; ${cpus().length} cores`);
    tell('up, with older pages being read', await scroll(ada, -600, 300_000));
    tell('down', await scroll(ada, 600, 300_000));
    tell('up again', await scroll(ada, -600, 300_000));
  });
}

function tell(what: string, { frames, rows }: Scroll): void {
  const longest = Math.max(...frames).toFixed(1);
  console.log(
    `${what}: ${frames.length} frames, p95 ${p95(frames).toFixed(1)} ms, longest ${longest} ms, at most ${rows} rows`,
  );
}

void main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
