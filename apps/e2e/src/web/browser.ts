import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { type Maru, startMaru } from '../support/maru';

const commands = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const mac = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** `PLAYWRIGHT_CHROMIUM`, or the Chromium or Chrome of this machine; undefined where there is none. */
function chromiumPath(): string | undefined {
  const named = process.env.PLAYWRIGHT_CHROMIUM;
  if (named !== undefined && named !== '') return named;
  for (const command of commands) {
    try {
      return execFileSync('which', [command], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    } catch {
      // Another name, then.
    }
  }
  return existsSync(mac) ? mac : undefined;
}

/** A browser without a window that asks nobody but the page. */
function openBrowser(executablePath: string): Promise<Browser> {
  const quiet = [
    '--disable-quic',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  return chromium.launch({
    executablePath,
    // Its sandbox does not let root in.
    chromiumSandbox: process.getuid?.() !== 0,
    args: ['--disable-gpu', '--no-first-run', ...quiet],
  });
}

/** Runs `work` at a Maru of its own with a browser. @throws Error with the remedy where there is none */
export async function atPage(work: (maru: Maru, browser: Browser) => Promise<void>): Promise<void> {
  const executable = chromiumPath();
  if (executable === undefined)
    throw new Error('No Chromium: install one, or name it in PLAYWRIGHT_CHROMIUM.');
  const maru = await startMaru();
  const browser = await openBrowser(executable);
  try {
    await work(maru, browser);
  } finally {
    await browser.close();
    await maru.stop();
  }
}

/** Tests of the page: left out, with a word why, where there is no browser. */
export function describeInBrowser(name: string, tests: (browser: () => Browser) => void): void {
  const executable = chromiumPath();
  if (executable === undefined) {
    console.warn(`No Chromium: "${name}" is skipped. Install one, or name it in PLAYWRIGHT_CHROMIUM.`);
    describe.skip(name, () => tests(() => undefined as never));
    return;
  }
  describe(name, () => {
    let browser: Browser;
    beforeAll(async () => (browser = await openBrowser(executable)), 60_000);
    afterAll(() => browser.close());
    tests(() => browser);
  });
}
