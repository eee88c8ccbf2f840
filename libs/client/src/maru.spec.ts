import type { RoomEvent } from '@maru/contracts';
import { MaruError } from './errors';
import { connect } from './maru';
import { fetchOf, until } from './testing/answers';
import { lineOf } from './testing/line-of';
import { head, message } from './testing/room-bodies';

/** A client that is online, in a room that stands at seq 5, and what it may read by HTTP. */
async function online(answer: (what: string) => unknown = () => undefined) {
  const { WebSocket, tell } = lineOf('me');
  const fetch = fetchOf(({ what }) => answer(what));
  const maru = connect({ url: 'https://chat.example.org', token: 'token', WebSocket, fetch });
  await until(() => maru.userId !== undefined);
  tell('ready', { rooms: { room: { seq: 5, reset: false } } });
  await maru.online();
  const heard: RoomEvent[] = [];
  maru.on('event', (event) => heard.push(event));
  return { maru, tell, heard };
}

describe('a client', () => {
  it('tells of events that were too many to be fetched', async () => {
    const { maru, tell, heard } = await online();
    const resets: object[] = [];
    maru.on('reset', (reset) => resets.push(reset));
    tell('message', message('room', 3000, 'ann'));
    tell('message', message('room', 3001, 'ann'));
    maru.close();
    expect(resets).toEqual([{ roomId: 'room', seq: 3000 }]);
    expect(heard.map(({ seq }) => seq)).toEqual([3001]);
  });

  it('has left a room whose events it may not read, and begins anew when it is added again', async () => {
    const { maru, tell, heard } = await online(() => MaruError.from({ code: 'not_a_member' }));
    let left = 0;
    maru.room('room').on('left', () => left++);
    tell('message', message('room', 8, 'ann'));
    await until(() => left > 0);
    tell('memberJoined', { type: 'memberJoined', ...head('room', 12), userId: 'me', byId: 'ann' });
    tell('message', message('room', 13, 'ann'));
    maru.close();
    expect(heard.map(({ seq }) => seq)).toEqual([12, 13]);
    expect(left).toBe(1);
  });
});
