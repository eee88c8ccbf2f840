import { randomUUID } from 'node:crypto';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { until } from '../support/until';

/** Somebody at the page, in a browser context of his own; what he does is done by labels and keys alone. */
export class PageUser {
  /** What the browser itself complained of. */
  readonly complaints: string[] = [];

  private constructor(
    readonly name: string,
    readonly email: string,
    readonly password: string,
    readonly context: BrowserContext,
    readonly page: Page,
  ) {
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (line) => {
      // What the server refuses or does not answer is the page's to tell.
      const away = /net::ERR_|WebSocket connection to|Failed to load resource/.test(line.text());
      if (line.type() === 'error' && !away) this.complaints.push(line.text());
    });
  }

  /** Opens the page, signs up, and is in. */
  static async signUp(
    browser: Browser,
    url: string,
    name: string,
    options: BrowserContextOptions = {},
  ): Promise<PageUser> {
    const user = await PageUser.open(browser, url, { name, ...account() }, options);
    const { page } = user;
    await page.getByRole('button', { name: 'Create an account' }).click();
    await page.getByLabel('Name').fill(name);
    await user.fillIn();
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByRole('navigation', { name: 'Conversations' }).waitFor();
    return user;
  }

  /** Opens the page and logs in. */
  static async logIn(
    browser: Browser,
    url: string,
    known: { name: string; email: string; password: string },
    options: BrowserContextOptions = {},
  ): Promise<PageUser> {
    const user = await PageUser.open(browser, url, known, options);
    await user.fillIn();
    await user.page.getByRole('button', { name: 'Log in' }).click();
    await user.page.getByRole('navigation', { name: 'Conversations' }).waitFor();
    return user;
  }

  private static async open(
    browser: Browser,
    url: string,
    { name, email, password }: { name: string; email: string; password: string },
    options: BrowserContextOptions,
  ): Promise<PageUser> {
    const context = await browser.newContext({ locale: 'en-GB', ...options });
    const user = new PageUser(name, email, password, context, await context.newPage());
    await user.page.goto(url);
    return user;
  }

  private async fillIn(): Promise<void> {
    await this.page.getByLabel('E-mail').fill(this.email);
    await this.page.getByLabel('Password').fill(this.password);
  }

  async createRoom(name: string): Promise<string> {
    await this.page.getByRole('button', { name: 'New room' }).click();
    await this.page.getByLabel('Name').fill(name);
    await this.page.getByRole('button', { name: 'Create room' }).click();
    await this.composer.waitFor();
    return this.page.url().split('/').at(-1) ?? '';
  }

  async joinRoom(name: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Browse', exact: true }).click();
    await this.page.getByLabel('Search by name').fill(name);
    await this.page.getByRole('button', { name: `Join ${name}` }).click();
    await this.composer.waitFor();
  }

  async openRoom(name: string): Promise<void> {
    await this.rooms.filter({ hasText: name }).click();
    await this.composer.waitFor();
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  /** A message in view with this text, and no other. */
  message(text: string): Locator {
    const exactly = this.page.locator('.message-text').getByText(text, { exact: true });
    return this.page.locator('article.message').filter({ has: exactly });
  }

  /**
   * What an expression gives in the page, once it gives something. It is asked from here: the page's own policy lets
   * none be made of a text there.
   */
  holds<T>(expression: string): Promise<Exclude<T, false | undefined | null>> {
    return until(expression, () => this.page.evaluate<T>(expression), 30_000);
  }

  /** Resolves when the message is there as sent. */
  async sees(text: string, timeout = 15_000): Promise<void> {
    await this.page
      .locator('article.message.sent')
      .filter({ has: this.page.locator('.message-text').getByText(text, { exact: true }) })
      .waitFor({ timeout });
  }

  /** The texts in view, in their order. */
  texts(): Promise<string[]> {
    return this.page.locator('.message-text').allTextContents();
  }

  get composer(): Locator {
    return this.page.locator('.composer textarea');
  }

  get rooms(): Locator {
    return this.page.getByRole('navigation').getByRole('link');
  }

  get banner(): Locator {
    return this.page.getByText('You are offline.');
  }

  close(): Promise<void> {
    return this.context.close();
  }
}

const account = () => ({ email: `${randomUUID()}@e2e.test`, password: `pass-${randomUUID()}` });
