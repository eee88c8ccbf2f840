import { until } from '../support/until';
import type { PageUser } from './page-user';
import type { Stage } from './stage';

const act = async (user: PageUser, text: string, action: string): Promise<void> => {
  await user.message(text).hover();
  await user.message(text).getByRole('button', { name: action, exact: true }).click();
};

/** What is done with messages shows at both sides, at once. */
export function acting(stage: () => Stage): void {
  const two = async (word: string): Promise<[PageUser, PageUser]> => {
    const users = await Promise.all([stage().signUp('Ada'), stage().signUp('Bob Stone')]);
    const [ada, bob] = users;
    const room = stage().roomName(word);
    await ada.createRoom(room);
    await bob.joinRoom(room);
    return users;
  };

  it('a message is reacted to, edited and deleted', async () => {
    const [ada, bob] = await two('Act');
    await ada.say('Tee at four');
    await bob.sees('Tee at four');
    await act(bob, 'Tee at four', 'Add a reaction');
    await bob.page.getByRole('button', { name: '🎉' }).click();
    const reaction = ada.page.getByRole('button', { name: '🎉, 1 person' });
    await reaction.click();
    await bob.page.getByRole('button', { name: '🎉, 2 people' }).waitFor();

    await act(ada, 'Tee at four', 'Edit');
    await ada.say('Tea at four');
    for (const user of [ada, bob]) {
      await user.sees('Tea at four');
      await user.message('Tea at four').getByText('edited').waitFor();
    }
    expect(await bob.message('Tea at four').getByRole('button', { name: 'Delete' }).count()).toBe(0);
    await act(ada, 'Tea at four', 'Delete');
    await ada.page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    for (const user of [ada, bob]) {
      await user.page.getByText('This message was deleted.').waitFor();
      expect(await user.page.getByText('Tea at four').count()).toBe(0);
    }
  }, 90_000);

  it('who uses no mouse stays at the message: after a reaction, after it is taken back, and after the deletion', async () => {
    const ada = await stage().signUp('Ada');
    await ada.createRoom(stage().roomName('Focus'));
    await ada.say('Look here');
    await ada.sees('Look here');
    const { keyboard } = ada.page;
    const atMessage = (): Promise<unknown> =>
      until('the message has the focus', () =>
        ada.page.evaluate<boolean>('document.activeElement.tagName === "ARTICLE"'),
      );
    const pressed = async (name: string): Promise<void> => {
      await ada.message('Look here').focus();
      await ada.message('Look here').getByRole('button', { name, exact: true }).focus();
      await keyboard.press('Enter');
    };
    await pressed('Add a reaction');
    await ada.page.getByRole('button', { name: '👍' }).waitFor();
    await keyboard.press('Escape');
    await atMessage();
    await pressed('Add a reaction');
    await ada.page.getByRole('button', { name: '👍' }).waitFor();
    await keyboard.press('Enter');
    const reaction = ada.page.getByRole('button', { name: '👍, 1 person' });
    await reaction.waitFor();
    await atMessage();
    await reaction.focus();
    await keyboard.press('Enter');
    await reaction.waitFor({ state: 'detached' });
    await atMessage();
    await pressed('Delete');
    await ada.page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).focus();
    await keyboard.press('Enter');
    await ada.page.getByText('This message was deleted.').waitFor();
    await atMessage();
  }, 90_000);

  it('a message is answered, and the answer leads back to it', async () => {
    const [ada, bob] = await two('Answer');
    await ada.say('Who brings the cake?');
    await bob.sees('Who brings the cake?');
    await act(bob, 'Who brings the cake?', 'Reply');
    await bob.say('I do');
    await ada.sees('I do');
    await ada
      .message('I do')
      .getByRole('button', { name: /^In answer to Ada Who brings the cake\?/ })
      .click();
    await ada.page.locator('article.flashed').getByText('Who brings the cake?').waitFor();
  }, 90_000);

  it('somebody is mentioned by an @, and sees that he is meant', async () => {
    const [ada, bob] = await two('Mention');
    await ada.composer.pressSequentially('Ask @bo', { delay: 30 });
    await ada.page.getByRole('option', { name: 'Bob Stone' }).waitFor();
    await ada.composer.press('Enter');
    await ada.composer.pressSequentially('about it');
    await ada.composer.press('Enter');
    await bob.sees('Ask @Bob Stone about it');
    await until('he sees that it is he', async () => (await bob.page.locator('article.to-me').count()) === 1);
    expect(await bob.page.locator('.mention').allTextContents()).toEqual(['@Bob Stone']);
  }, 90_000);
}
