import { newUser } from '../support/user';
import { until } from '../support/until';
import type { PageUser } from './page-user';
import { SocketHold } from './socket-hold';
import type { Stage } from './stage';

/** What is being written is its writer's, and goes where he meant it. */
export function writing(stage: () => Stage): void {
  it('somebody who was mentioned stays so in a draft that is come back to, and when it is edited', async () => {
    const [ada, bob] = await Promise.all([stage().signUp('Ada'), stage().signUp('Bob Stone')]);
    const [room, other] = [stage().roomName('Named'), stage().roomName('Other')];
    await ada.createRoom(other);
    await ada.createRoom(room);
    await bob.joinRoom(room);
    const isMeant = async (text: string): Promise<void> => {
      await bob.sees(text);
      await until(
        'he sees that it is he',
        async () => (await bob.page.locator('article.to-me').count()) === 1,
      );
    };
    await ada.composer.pressSequentially('Ask @bo', { delay: 30 });
    await ada.page.getByRole('option', { name: 'Bob Stone' }).waitFor();
    await ada.composer.press('Enter');
    await ada.openRoom(other);
    await ada.holds('document.querySelector(".composer textarea").value === ""');
    await ada.openRoom(room);
    await ada.holds('document.querySelector(".composer textarea").value !== ""');
    await ada.composer.press('Enter');
    await isMeant('Ask @Bob Stone');

    await ada.page.reload();
    await ada.sees('Ask @Bob Stone');
    await ada.page.locator('.mention').waitFor();
    await ada.composer.press('ArrowUp');
    await ada.page.getByLabel('Edit message').fill('Ask @Bob Stone again');
    await ada.page.getByLabel('Edit message').press('Enter');
    await isMeant('Ask @Bob Stone again');
  }, 90_000);

  it('a draft is shown to its writer, and not to who logs in after him', async () => {
    const ada = await stage().signUp('Ada');
    const room = stage().roomName('Draft');
    const roomId = await ada.createRoom(room);
    const bob = await newUser(stage().maru.rest(), 'Bob');
    await stage().maru.rest().join(bob.token, roomId);
    const logIn = async ({ email, password }: Pick<PageUser, 'email' | 'password'>): Promise<void> => {
      await ada.page.getByRole('button', { name: 'Log out' }).click();
      await ada.page.getByLabel('E-mail').fill(email);
      await ada.page.getByLabel('Password').fill(password);
      await ada.page.getByRole('button', { name: 'Log in' }).click();
      await ada.openRoom(room);
    };
    await ada.composer.fill('what Bob must not see');
    await logIn(bob);
    expect(await ada.composer.inputValue()).toBe('');
    await logIn(ada);
    expect(await ada.composer.inputValue()).toBe('what Bob must not see');
  }, 90_000);

  it('a first message whose answer was lost is there once when it is sent again', async () => {
    const ada = await stage().signUp('Ada');
    const rest = stage().maru.rest();
    const dora = await newUser(rest, 'Dora');
    const line = await SocketHold.on(ada.page);
    await ada.page.goto(`${stage().url}/#/people/${dora.id}`);
    await ada.composer.waitFor();
    line.hold(() => true);
    // It arrives, and nothing tells the page so: no answer, no event, no list of rooms.
    const list = /\/api\/rooms\?/;
    await ada.page.route(list, (route) => route.abort());
    const direct = /\/api\/direct\//;
    await ada.page.route(direct, async (route) => {
      await route.fetch();
      await route.abort();
    });
    await ada.say('Hello');
    await ada.page.locator('.composer-wrong').waitFor({ timeout: 30_000 });
    await ada.holds('document.querySelector(".composer textarea").value === "Hello"');
    for (const what of [direct, list]) await ada.page.unroute(what);
    await ada.composer.press('Enter');
    const room = await until('it leads to the room', () => /#\/rooms\/(.+)$/.exec(ada.page.url())?.[1]);
    const { items } = await rest.messages(dora.token, room);
    expect(items.map(({ text }) => text)).toEqual(['Hello']);
  }, 90_000);
}
