import { type AccessToken, type PublicUser, type Room, serverScopes } from '@maru/contracts';
import type { Maru } from '../support/maru';
import { newServerKey } from '../support/server-key';
import { newUser, type TestUser } from '../support/user';
import { sessionOf } from './cast';
import {
  allBut,
  attempt,
  type Extent,
  fatal,
  hasSchemathesis,
  type Known,
  nothing,
  ofServer,
} from './schemathesis';

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

  const tried = async (user: TestUser, known: Omit<Known, 'session'>, without = [fatal]) => {
    const session = await another(user);
    const found = await attempt(maru(), user.token, { ...known, session }, extent, allBut(without));
    // Else most of what was tried was refused for that.
    expect(await maru().rest().ask('GET', '/users/me', user.token)).toMatchObject({ status: 200 });
    return found;
  };

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

  test(
    'of a back end with all scopes',
    async () => {
      const key = await newServerKey(maru(), serverScopes);
      const put = () => maru().rest().get<PublicUser>('PUT', '/server/users/tried', key, { name: 'Cyd' });
      const { id: user } = await put();
      const body = { name: 'Orders', visibility: 'private', memberIds: [user] };
      const { id: room } = await maru().rest().get<Room>('POST', '/server/rooms', key, body);
      expect(await attempt(maru(), key, { room, user }, extent, ofServer)).toEqual(nothing);
      expect(await put()).toMatchObject({ id: user });
      if (!whole) return;
      // Some of what was tried was right.
      const { accessToken } = await maru()
        .rest()
        .get<AccessToken>('POST', `/server/users/${user}/tokens`, key);
      expect((await maru().rest().messages(accessToken, room)).items.length).toBeGreaterThan(0);
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
