import { MessageIds, type Published } from './message-ids';

const said = (packetId: number, text: string, dup = false): Published => ({
  packetId,
  dup,
  roomId: 'room',
  payload: Buffer.from(text),
});
const ids = (connection: string, previous?: string, onRound = () => Promise.resolve()) =>
  new MessageIds({ connection, previous }, onRound);

describe('ids of messages whose sender gave none', () => {
  it('are the same for a packet that is said again with DUP, before its answer and after', () => {
    const here = ids('a');
    const first = here.of(said(5, 'on'));
    expect(here.of(said(5, 'on', true))).toBe(first);
    here.answered(5);
    expect(here.of(said(5, 'on', true))).toBe(first);
  });

  it('are the same when the next connection says it again, wherever that is', () => {
    const first = ids('a').of(said(5, 'on'));
    expect(ids('b', 'a').of(said(5, 'on', true))).toBe(first);
    expect(ids('b').of(said(5, 'on', true))).not.toBe(first);
  });

  it('are others for an equal text in a packet of its own, under the same packet id or another', () => {
    const here = ids('a');
    const all = [said(1, 'on'), said(2, 'on'), said(2, 'on'), said(1, 'on'), said(2, 'on')].map((one) => {
      const id = here.of(one);
      here.answered(one.packetId);
      return id;
    });
    expect(new Set(all).size).toBe(5);
    expect(ids('b', 'a').of(said(1, 'on'))).not.toBe(all[0]);
  });

  it('are said to be beyond making again once the packet ids have come round, and before that is known nothing is said', async () => {
    let known: () => void = () => undefined;
    let asked = 0;
    const here = ids('a', undefined, () => {
      asked++;
      return new Promise((resolve) => (known = resolve));
    });
    for (const packetId of [7, 8, 9]) here.of(said(packetId, 'on'));
    expect(asked).toBe(0);
    here.of(said(1, 'on'));
    here.of(said(2, 'on'));
    here.of(said(1, 'on'));
    expect(asked).toBe(1);
    let settled = false;
    const waiting = here.settled.then(() => (settled = true));
    await Promise.resolve();
    expect(settled).toBe(false);
    known();
    await waiting;
  });

  it('are as a client may give them', () => {
    expect(ids('a').of(said(1, 'on'))).toMatch(/^[A-Za-z0-9._:-]{1,64}$/);
  });
});
