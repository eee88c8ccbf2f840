import { until } from '../support/until';
import { eachOf } from '../support/user';
import { type ClientStage, timing } from './client-stage';

const watchful = { ...timing, pingMs: 400, pongMs: 4000 };

/** Promises about connections: a client comes back by itself, and has missed nothing. */
export function staying(stage: () => ClientStage): void {
  const rest = () => stage().maru.rest();

  it('notices by itself that a line is dead, and comes back with nothing missing', async () => {
    const roomId = await stage().room(stage().bob);
    const { line, at } = await stage().line();
    const one = await stage().online(stage().bob, { url: at, timing: watchful });
    const other = await stage().online(stage().ann);
    await one.room(roomId).open();
    line.cut('silent');
    for (let n = 1; n <= 5; n++) await other.room(roomId).send(`missed ${n}`).sent;
    await until('it sees that nothing comes', () => one.state === 'offline');
    line.cut('broken');
    line.mend();
    await until('everything is there', () => one.room(roomId).messages.length === 5);
    expect(one.room(roomId).messages.map(({ text }) => text)).toEqual(
      [1, 2, 3, 4, 5].map((n) => `missed ${n}`),
    );
  });

  it('fills what a connection does not resume, and reads history as it is asked for', async () => {
    const roomId = await stage().room(stage().bob);
    const { line, at } = await stage().line();
    const one = await stage().online(stage().bob, { url: at });
    const heard: number[] = [];
    one.on('message', ({ messageNo }) => heard.push(messageNo));
    line.cut('broken');
    const numbers = Array.from({ length: 620 }, (_, n) => n);
    await eachOf(numbers, 40, (n) => rest().post(stage().ann.token, roomId, { text: `number ${n}` }));
    line.mend();
    await until(
      () => `it hears all, and stands at ${heard.at(-1)}`,
      () => heard.at(-1) === 620,
      60_000,
    );
    expect(heard).toEqual(numbers.map((n) => n + 1));
    const read: number[] = [];
    for await (const { messageNo = 0 } of one.room(roomId).history()) if (read.push(messageNo) === 250) break;
    expect(read).toEqual(numbers.slice(0, 250).map((n) => 620 - n));
    const room = one.room(roomId);
    expect(await room.open()).toHaveLength(50);
    expect(await room.loadOlder()).toBe(50);
    const first = room.messages[0]?.seq ?? 0;
    expect(await room.loadBack(first - 300)).toBe(true);
    expect(room.messages.map(({ messageNo }) => messageNo)).toEqual(heard.slice(-room.messages.length));
    const members: string[] = [];
    for await (const { userId } of room.members()) members.push(userId);
    expect(members.sort()).toEqual([stage().ann.id, stage().bob.id].sort());
  });
}
