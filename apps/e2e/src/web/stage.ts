import type { Browser } from 'playwright-core';
import { PlainDoor } from '../doors/plain.client';
import { type Maru, startMaru } from '../support/maru';
import { newUser } from '../support/user';
import { describeInBrowser } from './browser';
import { PageUser } from './page-user';

/** What the tests of the page share: a Maru, a browser, and people at both. */
export class Stage {
  private readonly users: PageUser[] = [];
  private count = 0;

  constructor(
    readonly maru: Maru,
    readonly browser: Browser,
  ) {}

  get url(): string {
    return this.maru.urls[0] ?? '';
  }

  /** A name that no other room has. */
  roomName(word: string): string {
    return `${word} ${++this.count}`;
  }

  async signUp(name: string, ...more: [url?: string, options?: Parameters<typeof PageUser.signUp>[3]]) {
    const [url = this.url, options] = more;
    const user = await PageUser.signUp(this.browser, url, name, options);
    this.users.push(user);
    return user;
  }

  /** A new member of a public room at a plain WebSocket. */
  async plainMember(name: string, roomId: string): Promise<{ door: PlainDoor; token: string; id: string }> {
    const rest = this.maru.rest();
    const { id, token } = await newUser(rest, name);
    await rest.join(token, roomId);
    const door = new PlainDoor({ url: this.url, mqtt: '', token, roomId });
    await door.connect();
    return { door, token, id };
  }

  /** The browser had nothing to complain of, and everybody goes. */
  async clear(): Promise<void> {
    const users = this.users.splice(0);
    const complaints = users.flatMap((user) => user.complaints);
    for (const user of users) await user.close();
    expect(complaints).toEqual([]);
  }
}

/** Tests of the page at a Maru of their own; whom one has signed up is gone before the next. */
export function describeOnStage(name: string, tests: (stage: () => Stage) => void): void {
  describeInBrowser(name, (browser) => {
    let maru: Maru;
    let stage: Stage;
    beforeAll(async () => {
      maru = await startMaru();
      stage = new Stage(maru, browser());
    }, 120_000);
    afterEach(() => stage.clear());
    afterAll(() => maru.stop());
    tests(() => stage);
  });
}
