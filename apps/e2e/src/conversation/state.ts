import * as fc from 'fast-check';
import type { ChatClient } from '../support/chat-client';
import type { TestUser } from '../support/user';
import { applied, fetched, marked, type RoomPicture, shownOf } from './room-picture';
import { type Kind, kinds, silent, Stage, turns } from './room-stage';
import type { Scene } from './scene';

const long = process.env.MARU_LONG === '1';
/** One seed for the short form, so that each kind of change comes to something in it. */
const seed = Number(process.env.MARU_SEED ?? (long ? Date.now() % 2 ** 31 : 2));

/** What a client has that applies the events is what one has that fetches everything anew. */
export function state(scene: () => Scene): void {
  const rest = () => scene().maru.rest(1);

  /** All events, applied to nothing. */
  async function fromNothing(user: TestUser, roomId: string): Promise<RoomPicture> {
    let picture: RoomPicture | undefined;
    for (const event of await scene().events(user, roomId)) picture = applied(picture, event, user.id);
    if (picture === undefined) throw new Error('There is no room.');
    return picture;
  }

  it('is the same for whatever is done to a room, after each step, for its whole life', async () => {
    const people = await Promise.all(
      ['Ann', 'Bob', 'Cyd', 'Eve'].map(async (name, index) =>
        scene().client(await scene().user(name), index % 2 === 0 ? 1 : 2),
      ),
    );
    const [ann, bob, , eve] = people as [ChatClient, ChatClient, ChatClient, ChatClient];
    const changed = new Set<Kind>();
    await fc.assert(
      fc.asyncProperty(turns, async (played) => {
        const dan = await scene().client(await scene().user('Dan'));
        const roomId = await scene().room('public', ann.user, bob.user, eve.user, dan.user);
        const picture = await fromNothing(eve.user, roomId);
        const stage = new Stage(scene(), [...people, dan], eve, roomId, picture);
        await stage.agrees();
        for (const turn of played) if (await stage.play(turn)) changed.add(turn.kind);
        await stage.endAccount(dan);
        // A marker is no event, so it is in none of them where it was read forward.
        const again = marked(await fromNothing(eve.user, roomId), stage.picture.readSeq);
        expect(again).toEqual(stage.picture);

        const owner = people.find(({ user }) => user.id === stage.picture.room.ownerId);
        const { seq } = await rest().get<{ seq: number }>('DELETE', `/rooms/${roomId}`, owner?.user.token);
        await eve.caughtUp(roomId, seq);
        const last = eve.record.heard(roomId).at(-1);
        expect(last?.type).toBe('roomDeleted');
        expect(last && applied(stage.picture, last, eve.user.id)).toBeUndefined();
        expect(await fetched(rest(), eve.user.token, roomId)).toBeUndefined();
      }),
      { seed, numRuns: long ? 20 : 2, endOnFailure: true },
    );
    expect([...changed].sort()).toEqual(kinds.filter((kind) => !silent.includes(kind)).sort());
  }, 120_000);

  it('is the same for a direct room', async () => {
    const [ann, bob] = [await scene().user('Ann'), await scene().user('Bob')];
    for (const text of ['first', 'second']) {
      const { roomId } = await rest().direct(ann.token, bob.id, { text });
      for (const user of [ann, bob]) {
        const shown = shownOf(await fromNothing(user, roomId), user.id);
        expect(shown).toEqual(await fetched(rest(), user.token, roomId));
      }
    }
  });
}
