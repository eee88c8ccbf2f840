import { until } from '../support/until';
import type { Stage } from './stage';

/** Two browsers and a plain socket client talk. */
export function talking(stage: () => Stage): void {
  it('two browsers and a socket client read the same, in the same order', async () => {
    const [ada, bob] = await Promise.all([stage().signUp('Ada Lovelace'), stage().signUp('Bob Stone')]);
    const room = stage().roomName('Tea');
    const roomId = await ada.createRoom(room);
    await bob.joinRoom(room);
    const { door } = await stage().plainMember('Cleo', roomId);

    await ada.say('Hello from Ada');
    await bob.sees('Hello from Ada');
    await bob.say('Hello from Bob');
    await ada.sees('Hello from Bob');
    await door.send('1', 'Hello from Cleo');
    for (const user of [ada, bob]) await user.sees('Hello from Cleo');

    const expected = ['Hello from Ada', 'Hello from Bob', 'Hello from Cleo'];
    for (const user of [ada, bob]) expect(await user.texts()).toEqual(expected);
    const heard = await until('the socket client has all', () => {
      const texts = door.ear.heard.flatMap((event) => (event.type === 'message' ? [event.text] : []));
      return texts.length === 3 && texts;
    });
    expect(heard).toEqual(expected);
    door.cut();
  }, 90_000);

  it('what is unread is counted in the list, marked by a line, and read by looking at it', async () => {
    const [ada, bob] = await Promise.all([stage().signUp('Ada'), stage().signUp('Bob')]);
    const [first, second] = [stage().roomName('First'), stage().roomName('Second')];
    await ada.createRoom(first);
    await bob.joinRoom(first);
    await ada.createRoom(second);
    for (const text of ['one', 'two', 'three']) await bob.say(text);
    await bob.sees('three');

    const row = ada.rooms.filter({ hasText: first });
    await row.getByText('3 unread').waitFor();
    await ada.holds('document.title === "(3) Maru"');
    await row.getByText('Bob: three').waitFor();
    await ada.openRoom(first);
    await ada.sees('one');
    expect(await ada.page.locator('.rows > li').allTextContents()).toEqual(
      expect.arrayContaining(['New', expect.stringContaining('one')]),
    );
    await row.getByText('3 unread').waitFor({ state: 'detached' });
    await ada.holds('document.title === "Maru"');
  }, 90_000);

  it('somebody is found by name and written to; he hears that it is being typed', async () => {
    const [ada, dora] = await Promise.all([stage().signUp('Ada'), stage().signUp('Dora Unheard-Of')]);
    await ada.page.getByRole('button', { name: 'People' }).click();
    await ada.page.getByLabel('Search by name').fill('dora unheard');
    await ada.page.getByRole('button', { name: 'Write to Dora Unheard-Of' }).click();
    await ada.page.getByText('This is the beginning of your conversation with Dora Unheard-Of').waitFor();
    await ada.say('Nice to meet you');
    await ada.sees('Nice to meet you');
    await dora.openRoom('Nice to meet you');
    await dora.sees('Nice to meet you');
    await ada.composer.pressSequentially('And ', { delay: 50 });
    await dora.page.getByText('Ada is typing').waitFor();
  }, 90_000);

  it('goes by the keyboard alone', async () => {
    const ada = await stage().signUp('Ada');
    const { keyboard } = ada.page;
    const room = stage().roomName('Keys');
    await ada.page.getByRole('button', { name: 'New room' }).focus();
    await keyboard.press('Enter');
    await keyboard.type(room);
    await keyboard.press('Enter');
    await ada.composer.waitFor();
    await ada.holds('document.activeElement.tagName === "TEXTAREA"');
    await keyboard.type('first');
    await keyboard.press('Enter');
    await keyboard.type('second');
    await keyboard.press('Shift+Enter');
    await keyboard.type('line');
    await keyboard.press('Enter');
    await ada.sees('first');
    const focused = (): Promise<string> =>
      ada.page.evaluate('document.activeElement.querySelector?.(".message-text")?.textContent ?? ""');
    await ada.page.locator('article[tabindex="0"]').focus();
    expect(await focused()).toBe('second\nline');
    await keyboard.press('ArrowUp');
    await until('the message before has the focus', async () => (await focused()) === 'first');
    await keyboard.press('Tab');
    expect(await ada.page.evaluate('document.activeElement.ariaLabel')).toBe('Add a reaction');
    await keyboard.press('Escape');
    await ada.holds('document.activeElement.tagName === "TEXTAREA"');
  }, 90_000);
}
