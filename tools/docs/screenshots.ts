import path from 'node:path';
import type { PageUser as Person } from '../../apps/e2e/src/web/page-user';
import type { Rest } from '../../apps/e2e/src/support/rest';
import { newUser, type TestUser } from '../../apps/e2e/src/support/user';
import { atPage } from '../../apps/e2e/src/web/browser';
import { PageUser } from '../../apps/e2e/src/web/page-user';

/** Takes the pictures of the page that the README shows, at a Maru of its own with the built apps. */
const folder = path.resolve(__dirname, '../../docs/images');
const desk = { width: 1180, height: 740 };

const talk: [who: string, text: string][] = [
  ['Bob Stone', 'Morning! The kettle in the small kitchen is alive again.'],
  ['Cleo Park', 'You are a hero. Green or barley today?'],
  ['Ada Moreau', 'Barley, please. I slept badly.'],
  ['Bob Stone', 'Barley it is. There is a list of all we have: https://example.org/teas'],
  ['Bob Stone', 'Whoever takes the last of one writes it down there.'],
  ['Minho Kim', 'I brought chestnut cake from the market. It is on the long table.'],
  ['Cleo Park', 'Then I am there in five minutes.'],
];
const elsewhere: [room: string, who: string, text: string][] = [
  ['Release 0.2', 'Minho Kim', 'Staging is green. Shall we go at three?'],
  ['Books', 'Cleo Park', 'Next one: The Left Hand of Darkness.'],
];

async function main(): Promise<void> {
  await atPage(async (maru, browser) => {
    const ada = await PageUser.signUp(browser, maru.urls[0] ?? '', 'Ada Moreau', { viewport: desk });
    await furnish(maru.rest(), ada);
    await ada.openRoom('Tea kitchen');
    await ada.sees('Then I am there in five minutes.');
    await ada.composer.fill('Keep me a slice ');
    await ada.page.mouse.move(0, 0);
    await picture(ada, 'page-light');
    await ada.page.emulateMedia({ colorScheme: 'dark' });
    await picture(ada, 'page-dark');
    await ada.page.emulateMedia({ colorScheme: 'light' });
    await ada.page.setViewportSize({ width: 380, height: 740 });
    await picture(ada, 'page-phone');
  });
}

/** Rooms and what was said in them, over REST. */
async function furnish(rest: Rest, ada: Person): Promise<void> {
  const own = await rest.logIn(ada.email, ada.password);
  const people = new Map<string, { id: string; token: string }>();
  people.set(ada.name, { id: own.user.id, token: own.accessToken });
  for (const name of ['Bob Stone', 'Cleo Park', 'Minho Kim']) {
    const { id, token }: TestUser = await newUser(rest, name);
    people.set(name, { id, token });
  }
  const tokenOf = (name: string): string => people.get(name)?.token ?? '';
  const memberIds = [...people.values()].map(({ id }) => id).filter((id) => id !== own.user.id);
  const room = async (name: string, visibility: 'public' | 'private'): Promise<string> =>
    (await rest.createRoom(own.accessToken, { name, visibility, memberIds })).id;

  for (const [name, who, text] of elsewhere)
    await rest.post(tokenOf(who), await room(name, 'private'), { text });
  await rest.direct(tokenOf('Bob Stone'), own.user.id, { text: 'Have you seen my blue cup?' });
  const kitchen = await room('Tea kitchen', 'public');
  const seqs: number[] = [];
  for (const [who, text] of talk) seqs.push((await rest.post(tokenOf(who), kitchen, { text })).seq);
  const [first = 0, , , list = 0, , cake = 0] = seqs;
  for (const name of ['Ada Moreau', 'Cleo Park'])
    await rest.reaction('POST', tokenOf(name), kitchen, first, '🎉');
  await rest.reaction('POST', tokenOf('Minho Kim'), kitchen, list, '👍');
  const answer = {
    text: '@Ada Moreau there is one without sugar for you',
    replyTo: cake,
    mentions: [own.user.id],
  };
  await rest.post(tokenOf('Minho Kim'), kitchen, answer);
}

async function picture({ page }: Person, name: string): Promise<void> {
  // Fonts and names are there, nothing moves.
  await page.evaluate('document.fonts.ready');
  await page.screenshot({ path: path.join(folder, `${name}.png`), animations: 'disabled', caret: 'hide' });
}

void main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
