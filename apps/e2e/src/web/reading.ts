import { until } from '../support/until';
import type { PageUser } from './page-user';
import { SocketHold } from './socket-hold';
import type { Stage } from './stage';

const long = 'so it was said in the room that the tea would be ready when the water had boiled '.repeat(6);

/** Read is what was seen, and what was not is found. */
export function reading(stage: () => Stage): void {
  const idOf = async ({ email, password }: PageUser): Promise<{ token: string; id: string }> => {
    const { accessToken, user } = await stage().maru.rest().logIn(email, password);
    return { token: accessToken, id: user.id };
  };

  it('a room is not read by being opened, but by its end being seen', async () => {
    const ada = await stage().signUp('Ada');
    const { token } = await idOf(ada);
    const room = stage().roomName('Unseen');
    const roomId = await ada.createRoom(room);
    await ada.createRoom(stage().roomName('Elsewhere'));
    const { door } = await stage().plainMember('Bob', roomId);
    const unread = async (): Promise<number | undefined> =>
      (await stage().maru.rest().myRooms(token)).items.find(({ id }) => id === roomId)?.unread;
    for (let count = 0; count < 40; count++) await door.send(`${count}`, `${count}: ${long}`);
    const row = ada.rooms.filter({ hasText: room });
    // What was said in a room that was open before is there at once; now it has to be read first.
    await ada.page.reload();
    await row.getByText('40 unread').waitFor();

    await ada.openRoom(room);
    await ada.page.locator('.unread-line').waitFor();
    await ada.page.getByRole('button', { name: '40 new' }).waitFor();
    // A marker that had moved would be told of before this.
    await door.send('last', 'the last');
    await row.getByText('41 unread').waitFor();
    expect(await unread()).toBe(41);

    await ada.page.getByRole('button', { name: '41 new' }).click();
    await ada.sees('the last');
    await until('the marker is at the end', async () => (await unread()) === 0);
    await row.getByText('41 unread').waitFor({ state: 'detached' });
    door.cut();
  }, 90_000);

  it('a room that was left at its end is at its end when one comes back', async () => {
    const ada = await stage().signUp('Ada');
    const [first, second] = [stage().roomName('Back'), stage().roomName('Forth')];
    const roomId = await ada.createRoom(first);
    const { door } = await stage().plainMember('Bob', roomId);
    for (let count = 0; count < 20; count++) await door.send(`${count}`, `${count}: ${long}`);
    await ada.createRoom(second);
    for (const room of [first, second, first]) await ada.openRoom(room);
    await ada.holds(`(() => {
      const timeline = document.querySelector('.timeline');
      return timeline.scrollTop > 1000 && timeline.scrollHeight - timeline.scrollTop - timeline.clientHeight < 2;
    })()`);
    await ada.page.locator('.jump').waitFor({ state: 'detached' });
    door.cut();
  }, 90_000);

  it('what the list of rooms knew first is read when it is shown', async () => {
    const ada = await stage().signUp('Ada');
    const { id } = await idOf(ada);
    const room = stage().roomName('Late');
    const roomId = await ada.createRoom(room);
    const bob = await stage().plainMember('Bob', roomId);
    await bob.door.send('1', 'in time');
    const line = await SocketHold.on(ada.page);
    await ada.sees('in time');
    const row = ada.rooms.filter({ hasText: room });
    await ada.holds('document.title === "Maru"');

    line.hold((frame) => frame.includes(roomId));
    await bob.door.send('2', 'late');
    // Of a room that is new to the page it asks the list.
    await stage()
      .maru.rest()
      .createRoom(bob.token, { name: stage().roomName('New'), visibility: 'private', memberIds: [id] });
    await row.getByText('1 unread').waitFor();
    line.letGo();
    await ada.sees('late');
    await row.getByText('1 unread').waitFor({ state: 'detached' });
    bob.door.cut();
  }, 90_000);

  it('the way to the unread leads there, also where they begin behind somebody who joined', async () => {
    const ada = await stage().signUp('Ada');
    const room = stage().roomName('Joined');
    const roomId = await ada.createRoom(room);
    await ada.say('before');
    await ada.sees('before');
    await ada.createRoom(stage().roomName('Elsewhere'));
    // He joins right behind what was read.
    const { door } = await stage().plainMember('Bob', roomId);
    for (let count = 0; count < 60; count++) await door.send(`${count}`, `${count}: ${long}`);
    await ada.page.reload();
    await ada.rooms.filter({ hasText: room }).getByText('60 unread').waitFor();

    await ada.openRoom(room);
    await ada.sees(`59: ${long.trim()}`);
    await ada.page.locator('.jump.up').click();
    await until('the first that is unread is in view', () =>
      ada.page.evaluate<boolean>(`(() => {
        const { top, bottom } = document.querySelector('.timeline').getBoundingClientRect();
        return [...document.querySelectorAll('.message-text')].some((one) => {
          const at = one.getBoundingClientRect();
          return one.textContent.startsWith('0: ') && at.bottom > top && at.top < bottom;
        });
      })()`),
    );
    door.cut();
  }, 90_000);
}
