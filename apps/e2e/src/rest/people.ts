import type { Me, PublicUser, RoomEvent } from '@maru/contracts';
import type { Scene } from '../conversation/scene';
import { RestError } from '../support/rest';
import { until } from '../support/until';

/** Promises about users as others see them, and about what stays when one goes. */
export function people(scene: () => Scene): void {
  const rest = () => scene().maru.rest();

  it('shows others no e-mail, and finds people by name only', async () => {
    const [ann, bob] = [await scene().user('Ann Xylophone'), await scene().user('Bob')];
    const seen = await rest().get<PublicUser>('GET', `/users/${ann.id}`, bob.token);
    expect(Object.keys(seen).sort()).toEqual(['createdAt', 'id', 'name', 'statusMessage']);
    const byName = await rest().get<{ items: PublicUser[] }>('GET', '/users?query=ann%20xylo', bob.token);
    expect(byName.items).toEqual([seen]);
    const byMail = await rest().get<{ items: PublicUser[] }>('GET', `/users?query=${ann.email}`, bob.token);
    expect(byMail.items).toEqual([]);
  });

  it('learns the last log-in and log-out from the sessions', async () => {
    const ann = await scene().user('Ann');
    const other = await rest().logIn(ann.email, ann.password);
    await rest().logOut(other.accessToken, other.refreshToken);
    const me = await until('both times are known', async () => {
      const seen = await rest().get<Me>('GET', '/users/me', ann.token);
      return seen.lastLoginAt !== null && seen.lastLogoutAt !== null && seen;
    });
    expect(me).toMatchObject({ id: ann.id, email: ann.email, name: 'Ann' });
  });

  it('takes a deleted user out of his rooms; the oldest member gets his own', async () => {
    const [ann, bob, cyd] = [await scene().user('Ann'), await scene().user('Bob'), await scene().user('Cyd')];
    const own = await scene().room('private', ann, bob, cyd);
    const other = await scene().room('public', bob, ann);
    const alone = await scene().room('public', ann);
    await rest().get('DELETE', '/users/me', ann.token);
    const left = async (room: string): Promise<RoomEvent[] | false> => {
      const events = await rest().events(bob.token, room);
      return events.some((event) => event.type === 'memberLeft' && event.userId === ann.id) && events;
    };
    const events = await until('Ann has left her own room', () => left(own));
    expect(events.slice(-2)).toMatchObject([
      { type: 'roomUpdated', ownerId: bob.id },
      { type: 'memberLeft', userId: ann.id },
    ]);
    await until("Ann has left Bob's room", () => left(other));
    await until('the room with nobody in it has ended', async () => {
      const answer = await rest().ask('GET', `/rooms/${alone}`, bob.token);
      return answer.status === 404;
    });
    await expect(rest().logIn(ann.email, ann.password)).rejects.toThrow(RestError);
    const late = await until('her token is refused', async () => {
      const answer = await rest().ask('GET', '/rooms', ann.token);
      return answer.status === 401 && answer;
    });
    expect(late.body).toMatchObject({ code: 'session_ended' });
    expect((await rest().ask('GET', `/users/${ann.id}`, bob.token)).status).toBe(404);
  });
}
