import { isDeepStrictEqual } from 'node:util';
import { type ChatMessage, isMaruError, type Room } from '@maru/client';
import { Random } from '../check/random';
import { until } from '../support/until';
import type { ClientStage } from './client-stage';

const seed = 20261126;

/** Promises about edits, deletions, replies, mentions and reactions. */
export function actions(stage: () => ClientStage): void {
  const three = () => stage().users.slice(0, 3);
  const shown = (room: Room): readonly ChatMessage[] => room.messages;

  /** Each of three in the room, with a line of his own. */
  async function meeting() {
    const id = await stage().room(stage().bob, stage().cat);
    const lines = await Promise.all(three().map((_, index) => stage().cuttingLine(index)));
    const open = async (index: number): Promise<Room> => {
      const client = await stage().online(three()[index] ?? stage().ann, { url: lines[index]?.url ?? '' });
      await client.room(id).open();
      return client.room(id);
    };
    return { lines, rooms: await Promise.all(three().map((_, index) => open(index))) };
  }

  it('shows edits, replies, mentions, reactions and deletions to everybody', async () => {
    const [ann, bob, cat] = (await meeting()).rooms as [Room, Room, Room];
    const { id: bobId } = stage().bob;
    const { seq } = await ann.send('Tee?').sent;
    await bob.send({ text: 'Yes', replyTo: seq }).sent;
    await ann.edit(seq, 'Tea, Bob?', [bobId]);
    await bob.react(seq, '👍');
    await cat.react(seq, '👍');
    await cat.unreact(seq, '👍');
    const [first, second] = [
      { text: 'Tea, Bob?', mentions: [bobId] },
      { text: 'Yes', replyTo: seq },
    ];
    for (const [room, mine] of [
      [ann, false],
      [bob, true],
      [cat, false],
    ] as const) {
      const reactions = { '👍': { count: 1, mine } };
      await until(
        'it reads so',
        () => shown(room)[0]?.reactions?.['👍']?.count === 1 && shown(room).length === 2,
      );
      expect(shown(room)).toMatchObject([
        { ...first, reactions, editedAt: expect.any(String) as string },
        second,
      ]);
    }
    await ann.deleteMessage(seq);
    for (const room of [ann, bob, cat]) {
      await until('it is gone', () => shown(room)[0]?.deleted);
      expect(shown(room)[0]).toMatchObject({ text: '', metadata: {}, seq });
      expect(shown(room)[0]).not.toHaveProperty('reactions');
    }
    await expect(bob.edit(seq, 'mine now')).rejects.toMatchObject({ name: 'MaruError', retryable: false });
  });

  it('reads, after whatever was done over cut lines, as it does when it is fetched afresh', async () => {
    const { rooms, lines } = await meeting();
    for (const line of lines) line.cut({ least: 1500, most: 20_000 });
    await Promise.all(rooms.map((room, index) => act(room, new Random(seed, 20 + index))));
    for (const line of lines) line.mend();
    const [room] = rooms;
    const events = await stage()
      .maru.rest()
      .events(stage().ann.token, room?.id ?? '');
    expect(new Set(events.map(({ type }) => type)).size).toBeGreaterThan(5);
    for (const [index, each] of rooms.entries()) {
      const { items } = await stage()
        .maru.rest()
        .messages(three()[index]?.token ?? '', each.id, '?limit=100');
      const afresh = items.map((message) => known({ ...message, type: undefined, state: 'sent' }));
      const same = (): boolean => isDeepStrictEqual(shown(each).map(known), afresh);
      await until('it reads alike', same).catch(() => undefined);
      expect(shown(each)).toEqual(afresh);
    }
  });

  /** Says things, and does something to what it sees. What others have deleted meanwhile is refused. */
  async function act(room: Room, random: Random): Promise<void> {
    for (let n = 0; n < 40; n++) {
      const seen = shown(room).filter(({ seq, deleted }) => seq !== undefined && deleted !== true);
      const { seq = 0 } = random.pick(seen) ?? {};
      const reaction = random.pick(['👍', '🍵', ':hm:']) ?? '';
      const what = random.weighted({ send: 4, edit: 3, deleteMessage: 1, react: 5, unreact: 3 });
      const done = {
        send: () => room.send({ text: `${n}`, ...(seq > 0 && { replyTo: seq }) }).sent,
        edit: () => room.edit(seq, `edited ${n}`),
        deleteMessage: () => room.deleteMessage(seq),
        react: () => room.react(seq, reaction),
        unreact: () => room.unreact(seq, reaction),
      }[seq === 0 ? 'send' : what];
      await done().catch((error: unknown) => {
        if (!isMaruError(error, 'message_not_found', 'not_the_sender', 'not_a_moderator', 'bad_request'))
          throw error;
      });
    }
  }
}

const known = (message: object): object =>
  Object.fromEntries(Object.entries(message).filter(([, value]) => value !== undefined));
