import { freePort } from '@maru/stack';
import { Line } from '../check/faults/line';
import { until } from '../support/until';
import { newUser } from '../support/user';
import type { PageUser } from './page-user';
import type { Stage } from './stage';

const once = async (user: PageUser, text: string): Promise<void> =>
  expect((await user.texts()).filter((one) => one === text)).toHaveLength(1);

/** What comes between the page and the server costs nothing that was said. */
export function interruptions(stage: () => Stage): void {
  it('the network is cut and returns: what either side said meanwhile is there once', async () => {
    const port = await freePort();
    const line = await Line.open(port, Number(new URL(stage().url).port));
    try {
      const [ada, bob] = await Promise.all([
        stage().signUp('Ada', `http://127.0.0.1:${port}`),
        stage().signUp('Bob'),
      ]);
      const room = stage().roomName('Cut');
      await ada.createRoom(room);
      await bob.joinRoom(room);
      await bob.say('before');
      await ada.sees('before');

      line.cut('broken');
      await ada.banner.waitFor();
      await ada.say('written without a network');
      await ada.message('written without a network').getByText('Sending').waitFor();
      await bob.say('said meanwhile');
      await bob.sees('said meanwhile');

      line.mend();
      await ada.sees('written without a network', 40_000);
      await ada.sees('said meanwhile');
      await bob.sees('written without a network');
      await ada.banner.waitFor({ state: 'detached' });
      for (const user of [ada, bob]) {
        for (const text of ['before', 'written without a network', 'said meanwhile']) await once(user, text);
      }
    } finally {
      await line.close();
    }
  }, 120_000);

  it('what is not sent survives a reload', async () => {
    const port = await freePort();
    const line = await Line.open(port, Number(new URL(stage().url).port));
    try {
      const ada = await stage().signUp('Ada', `http://127.0.0.1:${port}`);
      await ada.createRoom(stage().roomName('Reload'));
      line.cut('broken');
      await ada.banner.waitFor();
      await ada.say('kept in the browser');
      await ada.message('kept in the browser').getByText('Sending').waitFor();
      line.mend();
      await ada.page.reload();
      await ada.sees('kept in the browser', 40_000);
      await once(ada, 'kept in the browser');
    } finally {
      await line.close();
    }
  }, 120_000);

  it('the gateway is killed while somebody types: nothing is lost, nothing is there twice', async () => {
    const [ada, bob] = await Promise.all([stage().signUp('Ada'), stage().signUp('Bob')]);
    const room = stage().roomName('Kill');
    const roomId = await ada.createRoom(room);
    await bob.joinRoom(room);
    const gateway = stage().maru.processes.get('gateway');
    const said: string[] = [];
    const say = async (user: PageUser, text: string): Promise<void> => {
      said.push(text);
      await user.say(text);
    };
    await say(ada, 'Ada 0');
    await ada.composer.pressSequentially('half a sen');
    const pid = gateway?.pid;
    gateway?.kill('SIGKILL');
    await ada.composer.pressSequentially('tence');
    said.push('half a sentence');
    await ada.composer.press('Enter');
    for (let round = 1; round <= 3; round++) {
      await say(ada, `Ada ${round}`);
      await say(bob, `Bob ${round}`);
    }
    await until('another gateway runs', () => gateway?.pid !== undefined && gateway.pid !== pid, 30_000);
    await stage().maru.ready();
    for (const user of [ada, bob]) for (const text of said) await user.sees(text, 60_000);
    for (const user of [ada, bob]) for (const text of said) await once(user, text);
    expect(await ada.texts()).toEqual(await bob.texts());

    const rest = stage().maru.rest();
    const { accessToken } = await rest.logIn(ada.email, ada.password);
    const { items } = await rest.messages(accessToken, roomId, '?limit=100');
    expect(items.map(({ text }) => text).sort()).toEqual([...said].sort());
  }, 180_000);

  it('a message that is refused says so, and can be tried again', async () => {
    const [ada, dora] = await Promise.all([stage().signUp('Ada'), stage().signUp('Dora')]);
    const rest = stage().maru.rest();
    const [adas, doras] = await Promise.all([ada, dora].map((one) => rest.logIn(one.email, one.password)));
    await rest.direct(doras?.accessToken ?? '', adas?.user.id ?? '', { text: 'Hello' });
    await ada.openRoom('Hello');
    await ada.sees('Hello');
    const block = `/users/me/blocks/${adas?.user.id}`;
    await rest.get('POST', '/users/me/blocks', doras?.accessToken, { userId: adas?.user.id });
    const direct = () =>
      rest.ask('POST', `/direct/${doras?.user.id}/messages`, adas?.accessToken, { text: 'Are you there?' });
    await until('the block works', async () => (await direct()).status === 404);

    await ada.say('Let me explain');
    const message = ada.message('Let me explain');
    await message.getByText('Not sent.').waitFor();
    expect(await dora.page.getByText('Let me explain').count()).toBe(0);
    await rest.get('DELETE', block, doras?.accessToken);
    await until('the block has ended', async () => (await direct()).status === 201);
    await message.getByRole('button', { name: 'Try again' }).click();
    await ada.sees('Let me explain');
    await dora.openRoom('Let me explain');
    await dora.sees('Let me explain');
  }, 90_000);

  it('who is muted reads why, and tries again; in slow mode a message waits for its turn by itself', async () => {
    const ada = await stage().signUp('Ada');
    const rest = stage().maru.rest();
    const { user } = await rest.logIn(ada.email, ada.password);
    const { token } = await newUser(rest, 'Olga');
    const name = stage().roomName('Quiet');
    const { id } = await rest.createRoom(token, { name, visibility: 'public' });
    await ada.joinRoom(name);
    const mute = (mutedUntil: string | null) => rest.updateMember(token, id, user.id, { mutedUntil });
    await mute(new Date(Date.now() + 600_000).toISOString());
    await ada.say('May I?');
    const message = ada.message('May I?');
    await message.getByText('Not sent. You have been muted in this room').waitFor();
    await mute(null);
    await message.getByRole('button', { name: 'Try again' }).click();
    await ada.sees('May I?');

    await rest.get('PATCH', `/rooms/${id}`, token, { slowModeSeconds: 3 });
    for (const text of ['one', 'two']) await ada.say(text);
    await ada.message('two').getByText('Sending').waitFor();
    await ada.sees('two');
    const { items } = await rest.messages(token, id);
    expect(items.map(({ text }) => text)).toEqual(['May I?', 'one', 'two']);
  }, 90_000);
}
