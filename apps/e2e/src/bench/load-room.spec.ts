import { command } from '@maru/contracts';
import { LoadRoom } from './load-room';

describe('a room of the load', () => {
  const withTwo = () => {
    const room = new LoadRoom(3);
    room.take(room.creation().id, { ok: true, seq: 21 });
    return { room, first: room.message().id, second: room.message().id };
  };

  it('asks what the contract knows, for members of its own', () => {
    const room = new LoadRoom(3);
    const created = command.parse(JSON.parse(room.creation().value));
    const sent = command.parse(JSON.parse(room.message().value));
    if (created.type !== 'createRoom') throw new Error('no room');
    expect([created.userId, ...created.memberIds]).toContain(sent.userId);
    expect(sent).toMatchObject({ type: 'sendMessage', roomId: created.roomId });
  });

  it('takes each answer at its place, also once more', () => {
    const { room, first, second } = withTwo();
    for (const [id, seq] of [
      [first, 22],
      [first, 22],
      [second, 23],
    ] as const)
      room.take(id, { ok: true, seq });
    expect(room.answered).toBe(2);
  });

  it('fails on a gap, on another place and on a refusal', () => {
    const { room, first, second } = withTwo();
    expect(() => room.take(second, { ok: true, seq: 23 })).toThrow('3.1 got 23');
    expect(() => room.take(first, { ok: true, seq: 23 })).toThrow('3.0 got 23');
    expect(() => room.take(first, { ok: false, error: { code: 'expired', message: '' } })).toThrow('refused');
  });
});
