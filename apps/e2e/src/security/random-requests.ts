import type { Maru } from '../support/maru';
import { newUser, type TestUser } from '../support/user';
import { sessionOf } from './cast';
import { attempt, type Extent, fatal, hasSchemathesis, type Known, nothing } from './schemathesis';

const withinMs = 1_800_000;

/** Random requests, right ones and wrong ones, to every route: only what is documented is answered, and no 500. */
export function randomRequests(maru: () => Maru, extent: Extent, whole: boolean): void {
  let ann: TestUser;
  let bob: TestUser;
  let room: string;
  const present = hasSchemathesis();
  const test = present ? it : it.skip;
  beforeAll(async () => {
    if (!present) return;
    const rest = maru().rest();
    [ann, bob] = [await newUser(rest, 'Ann'), await newUser(rest, 'Bob')];
    room = (await rest.createRoom(ann.token, { name: 'Tea', visibility: 'private' })).id;
    await rest.post(ann.token, room, { text: 'hello' });
  });

  const tried = async (user: TestUser, known: Omit<Known, 'session'>, without?: string[]) =>
    attempt(maru(), user, { ...known, session: await another(user) }, extent, without);

  /** A session of hers that may be ended: the program tries every id that it was ever told. */
  const another = async ({ email, password }: TestUser): Promise<string> =>
    sessionOf((await maru().rest().logIn(email, password)).accessToken);

  test(
    'of a user in a room of her own',
    async () => {
      expect(await tried(ann, { room, user: bob.id }, [fatal, 'DELETE /api/rooms/{id}'])).toEqual(nothing);
      expect((await maru().rest().messages(ann.token, room)).items.length).toBeGreaterThan(0);
    },
    withinMs,
  );
  if (!whole) return;

  test(
    'of another user, who asks for that room',
    async () => {
      expect(await tried(bob, { room, user: ann.id })).toEqual(nothing);
      expect(await maru().rest().ask('GET', `/rooms/${room}`, bob.token)).toMatchObject({ status: 404 });
    },
    withinMs,
  );

  test(
    'of a user who asks for rooms and users that there are none of',
    async () => expect(await tried(bob, {})).toEqual(nothing),
    withinMs,
  );
}
