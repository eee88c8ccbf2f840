import { MaruError } from '../errors';
import type { ChatMessage } from '../messages';
import { MemoryStore } from '../store';
import { defaultTiming } from '../timing';
import { Outbox, type Placed } from './outbox';

const timing = { ...defaultTiming, firstPauseMs: 1, maxPauseMs: 2 };

/** An outbox whose server answers as told, and what it was asked. */
function outboxOf(
  answer: (message: ChatMessage, time: number) => Placed | MaruError,
  store = new MemoryStore(),
) {
  const asked: string[] = [];
  const passed = new Set<number>();
  const outbox = new Outbox({
    timing,
    store,
    online: () => Promise.resolve(),
    send: async (message) => {
      asked.push(message.id);
      const answered = answer(message, asked.length);
      if (answered instanceof MaruError) throw answered;
      return answered;
    },
    passed: (_, seq) => passed.has(seq),
    changed: () => undefined,
  });
  const states = () => outbox.of('room').map(({ id, state }) => `${id} ${state}`);
  return { outbox, asked, passed, store, states };
}
const placed = (seq: number): Placed => ({ seq, createdAt: '2026-11-25T12:00:00.000Z' });

describe('an outbox', () => {
  it('sends what it has in order, one after the other, and knows when it is sent', async () => {
    const { outbox, asked, states, store } = outboxOf((_, time) => placed(time));
    await outbox.open('ann');
    const sent = ['a', 'b', 'c'].map((id) => outbox.add('room', { text: id }, id));
    expect(states()).toEqual(['a sending', 'b sending', 'c sending']);
    expect(await Promise.all(sent)).toEqual([placed(1), placed(2), placed(3)]);
    expect(asked).toEqual(['a', 'b', 'c']);
    expect(states()).toEqual(['a sent', 'b sent', 'c sent']);
    outbox.arrived('room', 'b', placed(2));
    expect(states()).toEqual(['a sent', 'c sent']);
    expect(store.keys('')).toEqual([]);
  });

  it('sends what is said the moment that the one before it is answered', async () => {
    const { outbox, asked } = outboxOf((_, time) => placed(time));
    await outbox.open('ann');
    for (const id of ['a', 'b', 'c', 'd', 'e']) await outbox.add('room', { text: id }, id);
    expect(asked).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('sends again under the same id until there is an answer, and nothing behind it before', async () => {
    const unknown = MaruError.from({ code: 'outcome_unknown', retryable: true });
    const { outbox, asked } = outboxOf((_, time) => (time < 4 ? unknown : placed(time)));
    await outbox.open('ann');
    await Promise.all(['a', 'b'].map((id) => outbox.add('room', { text: id }, id)));
    expect(asked).toEqual(['a', 'a', 'a', 'a', 'b']);
  });

  it('waits as long as it is told to', async () => {
    const slow = MaruError.from({ code: 'slow_mode', retryable: true, retryAfterMs: 120 });
    const { outbox } = outboxOf((_, time) => (time < 2 ? slow : placed(time)));
    await outbox.open('ann');
    const began = Date.now();
    await outbox.add('room', { text: 'a' }, 'a');
    expect(Date.now() - began).toBeGreaterThanOrEqual(110);
  });

  it('lets a refused message fail and goes on with the next; it can be sent again or let go', async () => {
    let refuse = true;
    const refusal = MaruError.from({ code: 'muted', message: 'Not now.' });
    const { outbox, asked, states } = outboxOf(({ id }, time) =>
      id !== 'b' && refuse ? refusal : placed(time),
    );
    await outbox.open('ann');
    const sent = ['a', 'b', 'c'].map((id) => outbox.add('room', { text: id }, id));
    expect(await Promise.allSettled(sent)).toMatchObject([
      { reason: refusal },
      { value: placed(2) },
      { reason: refusal },
    ]);
    expect(states()).toEqual(['a failed', 'b sent', 'c failed']);
    refuse = false;
    await outbox.retry('room', 'a', () => 'new');
    outbox.discard('room', 'c');
    expect(asked.at(-1)).toBe('a');
    expect(states()).toEqual(['b sent', 'a sent']);
  });

  it('takes a new id when the old one is taken', async () => {
    const taken = MaruError.from({ code: 'id_conflict' });
    const { outbox, asked, states } = outboxOf(({ id }, time) => (id === 'a' ? taken : placed(time)));
    await outbox.open('ann');
    await outbox.add('room', { text: 'a' }, 'a').catch(() => undefined);
    await outbox.retry('room', 'a', () => 'new');
    expect([asked, states()]).toEqual([['a', 'new'], ['new sent']]);
  });

  it('is settled by the event too, when that comes before the answer', async () => {
    const { outbox, states } = outboxOf(() => MaruError.network('lost'));
    await outbox.open('ann');
    const sent = outbox.add('room', { text: 'a' }, 'a');
    outbox.arrived('room', 'a', placed(5));
    expect(await sent).toMatchObject({ seq: 5 });
    expect(states()).toEqual([]);
  });

  it('keeps nothing of what its room has had already', async () => {
    const { outbox, passed, states } = outboxOf(() => placed(3));
    passed.add(3);
    await outbox.open('ann');
    await outbox.add('room', { text: 'a' }, 'a');
    expect(states()).toEqual([]);
  });

  it('keeps what is not sent for the next client of the same user alone', async () => {
    const store = new MemoryStore();
    const away = () => MaruError.network('away');
    const first = outboxOf(away, store);
    // Before it is known who he is.
    void first.outbox.add('room', { text: 'a' }, 'a');
    await first.outbox.open('ann');
    void first.outbox.add('room', { text: 'b', metadata: { n: 1 } }, 'b');
    await new Promise((resolve) => setTimeout(resolve));
    first.outbox.close();

    const bob = outboxOf(away, store);
    await bob.outbox.open('bob');
    expect(bob.states()).toEqual([]);
    bob.outbox.close();

    const next = outboxOf((_, time) => placed(time), store);
    void next.outbox.add('room', { text: 'c' }, 'c');
    await next.outbox.open('ann');
    expect(next.outbox.of('room')).toMatchObject([{ id: 'a' }, { id: 'b', metadata: { n: 1 } }, { id: 'c' }]);
    while (next.asked.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(next.asked).toEqual(['a', 'b', 'c']);
  });
});
