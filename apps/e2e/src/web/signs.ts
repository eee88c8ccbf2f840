import { newUser } from '../support/user';
import { until } from '../support/until';
import type { Stage } from './stage';

/** A browser that shows nothing of it: its notifications are noted, and it is hidden when we say so. */
const notes = `
  window.notices = [];
  window.Notification = class {
    static permission = 'granted';
    constructor(title, { body }) { window.notices.push(Object.assign(this, { title, body })); }
    close() {}
  };
  let hidden = false;
  Object.defineProperty(document, 'hidden', { get: () => hidden });
  window.hide = (to) => { hidden = to; document.dispatchEvent(new Event('visibilitychange')); };
`;

/** What the page tells of others without being asked. */
export function signs(stage: () => Stage): void {
  it('who comes and goes is shown by the dot at his name', async () => {
    const [ada, bob] = await Promise.all([stage().signUp('Ada'), stage().signUp('Bob Stone')]);
    const rest = stage().maru.rest();
    const [adas, bobs] = await Promise.all([ada, bob].map((one) => rest.logIn(one.email, one.password)));
    await rest.direct(bobs?.accessToken ?? '', adas?.user.id ?? '', { text: 'Hello' });
    const dot = ada.rooms.filter({ hasText: 'Bob Stone' }).locator('.presence');
    const shows = (state: string): Promise<unknown> =>
      until(`he is ${state}`, async () => (await dot.getAttribute('class'))?.includes(state), 30_000);
    await ada.openRoom('Bob Stone');
    await shows('online');
    await ada.page.getByText('Online', { exact: true }).waitFor();
    await bob.page.close();
    await shows('offline');
    await ada.page.getByText(/^Last seen/).waitFor();
    await (await bob.context.newPage()).goto(stage().url);
    await shows('online');
  }, 90_000);

  it('a message to a hidden page is notified of, and a click on that opens its room', async () => {
    const ada = await stage().signUp('Ada', stage().url, { permissions: ['notifications'] });
    await ada.page.addInitScript(notes);
    await ada.page.reload();
    await ada.page.getByRole('button', { name: 'Notifications', pressed: true }).waitFor();
    const rest = stage().maru.rest();
    const bob = await newUser(rest, 'Bob');
    const { user } = await rest.logIn(ada.email, ada.password);
    const say = (text: string) => rest.direct(bob.token, user.id, { text });
    await say('seen in the list');
    await ada.rooms.getByText('seen in the list').waitFor();
    await ada.page.evaluate('hide(true)');
    const { roomId } = await say('Are you there?');
    await ada.holds('notices.length > 0');
    expect(await ada.page.evaluate('notices.map(({ title, body }) => [title, body])')).toEqual([
      ['Bob', 'Are you there?'],
    ]);
    await ada.page.evaluate('hide(false); notices[0].onclick()');
    await ada.sees('Are you there?');
    expect(ada.page.url()).toContain(roomId);
  }, 90_000);
}
