import type { RoomEvent } from '@maru/contracts';
import * as fc from 'fast-check';
import { judge } from './judge';
import type { LogRecord } from './judge-log';
import type { Standing } from './judge-counts';
import { isIn, reachOf } from './finding';
import { ClientRecord } from './record';

const roomId = 'room';
const people = ['ann', 'bob', 'eve'] as const;
const createdAt = '2026-11-01T00:00:00.000Z';

/** What happened in one room: ann has made it; each number lets somebody join, leave or say something. */
function storyOf(turns: readonly number[]): RoomEvent[] {
  const events: RoomEvent[] = [];
  const members = new Set<string>(['ann']);
  let messageNo = 0;
  const head = () => ({ roomId, seq: events.length + 1, messageNo, createdAt });
  const joined = (userId: string, byId: string) =>
    events.push({ type: 'memberJoined', ...head(), userId, byId });
  events.push({ type: 'roomCreated', ...head(), name: 'r', visibility: 'public', ownerId: 'ann' });
  joined('ann', 'ann');
  for (const turn of turns) {
    const userId = people[turn % 3] ?? 'ann';
    if (!members.has(userId)) {
      members.add(userId);
      joined(userId, userId);
    } else if (turn % 5 === 0 && userId !== 'ann') {
      members.delete(userId);
      events.push({ type: 'memberLeft', ...head(), userId, byId: userId });
    } else {
      messageNo++;
      const said = {
        id: `m${messageNo}`,
        senderId: userId,
        text: `text ${messageNo}`,
        kind: 'text',
        metadata: {},
      };
      events.push({ type: 'message', ...head(), ...said });
    }
  }
  return events;
}

/** What everybody asked for, as it was answered, and heard, as far as it was his to hear. */
function recordsOf(story: readonly RoomEvent[]): ClientRecord[] {
  return people.map((userId) => {
    const record = new ClientRecord(userId, userId);
    const reach = reachOf(userId, story);
    if (userId === 'ann') record.asked.push({ what: 'create', roomId, userIds: ['ann'], outcome: acked(2) });
    for (const event of story) {
      if (isIn(reach, event.seq)) record.hear(event);
      if (event.type === 'message' && event.senderId === userId) {
        const { id, text, kind: messageKind } = event;
        const how = { at: 0, tookMs: 1, doubtful: false, tries: [] };
        record.sent.push({ roomId, id, text, messageKind, outcome: acked(event.seq), ...how });
      }
      const changes = event.seq > 2 && 'userId' in event && event.userId === userId;
      if (changes)
        record.asked.push({
          what: event.type === 'memberJoined' ? 'join' : 'leave',
          roomId,
          userIds: [userId],
          outcome: acked(event.seq),
        });
    }
    return record;
  });
}
const acked = (seq: number) => ({ kind: 'acked' as const, seq });

function standingsOf(story: readonly RoomEvent[], records: readonly ClientRecord[]): Standing[] {
  const messages = story.filter((event) => event.type === 'message');
  return records.map((record) => {
    const said = messages.findLast(({ senderId }) => senderId === record.userId)?.seq ?? 0;
    const readSeq = Math.max(said, reachOf(record.userId, story).at(-1)?.from ?? 0);
    const unread = messages.filter(({ seq }) => seq > readSeq).length;
    const named = { id: roomId, name: 'r', visibility: 'public', ownerId: 'ann' } as const;
    const mine = { ...named, createdAt, slowModeSeconds: 0 };
    const counts = { seq: story.length, messageNo: messages.length, readSeq, unread, lastMessage: null };
    const member = reachOf(record.userId, story).at(-1)?.to === Infinity;
    const answers = new Map([[roomId, member ? 200 : 404]]);
    return { record, rooms: member ? [{ ...mine, ...counts }] : [], answers };
  });
}
const logOf = (events: readonly RoomEvent[]): LogRecord[] =>
  events.map((event) => ({ partition: 3, key: roomId, event }));

interface Case {
  story: RoomEvent[];
  history: RoomEvent[];
  records: ClientRecord[];
  log: LogRecord[];
  standings: Standing[];
}
function caseOf(turns: readonly number[]): Case {
  const story = storyOf(turns);
  const records = recordsOf(story);
  return { story, history: story, records, log: logOf(story), standings: standingsOf(story, records) };
}
const findingsOf = ({ history, records, log, standings }: Case) =>
  judge(new Map([[roomId, history]]), records, { log: new Map([[roomId, log]]), standings });
const kindsOf = (one: Case) => findingsOf(one).map(({ kind }) => kind);

/** At least one message of each, and a choice of place. */
const turns = fc
  .array(fc.nat(1000), { minLength: 10, maxLength: 40 })
  .map((list) => [0, 1, 2, 3, 4, ...list, 3, 3]);
const cases = (check: (one: Case, place: number) => void) =>
  fc.assert(
    fc.property(turns, fc.nat(1000), (list, place) => check(caseOf(list), place)),
    { seed: 4, numRuns: 50 },
  );
const messagesOf = (story: readonly RoomEvent[]) => story.filter((event) => event.type === 'message');
const at = <T>(list: readonly T[], place: number): T => list[place % list.length] as T;
/** Ann, hearing these instead. */
function annHears(one: Case, heard: readonly RoomEvent[]): Case {
  const [ann, ...others] = recordsOf(one.story) as [ClientRecord, ...ClientRecord[]];
  const other = new ClientRecord('ann', 'ann');
  other.sent.push(...ann.sent);
  other.asked.push(...ann.asked);
  for (const event of heard) other.hear(event);
  return { ...one, records: [other, ...others], standings: [] };
}
const extra = (story: readonly RoomEvent[]): RoomEvent => {
  const { messageNo } = story.at(-1) as RoomEvent;
  const head = { roomId, seq: story.length + 1, messageNo: messageNo + 1, createdAt };
  return {
    type: 'message',
    ...head,
    id: 'never',
    senderId: 'bob',
    text: 'never said',
    kind: 'text',
    metadata: {},
  };
};
/** The one at the place and the one after it change theirs, and each takes the other's numbers. */
function swapped(events: readonly RoomEvent[], place: number): RoomEvent[] {
  const first = messagesOf(events.slice(0, -1));
  const a = at(first, place);
  const b = events[a.seq] as RoomEvent;
  const to = (event: RoomEvent, { seq, messageNo }: RoomEvent) => ({ ...event, seq, messageNo });
  return events.map((event) => (event === a ? to(b, a) : event === b ? to(a, b) : event));
}

describe('of any story of a room the judge', () => {
  it('finds nothing wrong when all agree', () => {
    cases((one) => expect(findingsOf(one)).toEqual([]));
  });

  it('names a message dropped from history, from what a member heard, or from chat.events', () => {
    cases((one, place) => {
      const gone = at(messagesOf(one.story), place);
      const without = one.story.filter((event) => event !== gone);
      expect(kindsOf({ ...one, history: without })).toContain('lost');
      expect(kindsOf(annHears(one, without.slice(1)))).toContain('hole');
      expect(kindsOf({ ...one, log: logOf(without) })).toContain('hole');
    });
  });

  it('names a message doubled in history, to a member, or in chat.events', () => {
    cases((one, place) => {
      const twin = at(messagesOf(one.story), place);
      const { messageNo } = one.story.at(-1) as RoomEvent;
      const again = { ...twin, seq: one.story.length + 1, messageNo: messageNo + 1 };
      const twice = [...one.story, again];
      expect(kindsOf({ ...one, history: twice })).toContain('doubled');
      expect(kindsOf(annHears(one, twice.slice(1)))).toContain('invented');
      const echoed = one.story.flatMap((event) => (event === twin ? [event, event] : [event]));
      expect(kindsOf(annHears(one, echoed.slice(1)))).toContain('disordered');
      expect(kindsOf({ ...one, log: logOf(twice) })).toContain('invented');
    });
  });

  it('takes what comes again in chat.events for what it is: nothing new', () => {
    cases((one, place) => {
      const from = place % one.story.length;
      const again = [...one.story.slice(0, from + 1), ...one.story.slice(Math.max(0, from - 5))];
      expect(kindsOf({ ...one, log: logOf(again) })).toEqual([]);
    });
  });

  it('names two events swapped in history, to a member, or in chat.events', () => {
    cases((one, place) => {
      const other = swapped(one.story, place);
      expect(kindsOf({ ...one, history: other })).toContain('disordered');
      expect(
        kindsOf({ ...one, history: one.story.with(4, at(one.story, 5)).with(5, at(one.story, 4)) }),
      ).toContain('disordered');
      expect(kindsOf(annHears(one, other.slice(1)))).toContain('changed');
      expect(kindsOf({ ...one, log: logOf(other) })).toContain('changed');
      const late = one.log.with(4, at(one.log, 5)).with(5, at(one.log, 4));
      expect(kindsOf({ ...one, log: late })).toContain('disordered');
      expect(
        kindsOf(
          annHears(
            one,
            late.slice(1).map(({ event }) => event),
          ),
        ),
      ).toContain('disordered');
    });
  });

  it('names an invented message in history, to a member, or in chat.events, and an invented member', () => {
    cases((one) => {
      const more = [...one.story, extra(one.story)];
      expect(kindsOf({ ...one, history: more })).toContain('invented');
      expect(kindsOf(annHears(one, more.slice(1)))).toContain('invented');
      expect(kindsOf({ ...one, log: logOf(more) })).toContain('invented');
      const { messageNo } = one.story.at(-1) as RoomEvent;
      const head = { roomId, seq: one.story.length + 1, messageNo, createdAt };
      const guest: RoomEvent = { type: 'memberJoined', ...head, userId: 'max', byId: 'ann' };
      expect(kindsOf({ ...one, history: [...one.story, guest] })).toContain('invented');
    });
  });

  it('names a message that was refused and is there, unless a try of it went without an answer', () => {
    cases((one, place) => {
      const said = at(messagesOf(one.story), place);
      const refuse = (doubtful: boolean) => {
        const records = recordsOf(one.story);
        const sent = records.flatMap((record) => record.sent).find(({ id }) => id === said.id);
        Object.assign(sent ?? {}, { outcome: { kind: 'refused', code: 'not_a_member' }, doubtful });
        return kindsOf({ ...one, records });
      };
      expect(refuse(false)).toContain('invented');
      expect(refuse(true)).not.toContain('invented');
    });
  });

  it('names an event leaked to somebody outside his membership, live or in a resume', () => {
    cases((one, place) => {
      const stranger = () => new ClientRecord('max', 'max');
      const live = stranger();
      live.hear(at(one.story, place));
      expect(kindsOf({ ...one, records: [...one.records, live] })).toContain('leaked');
      const resumed = stranger();
      resumed.ready(roomId, { seq: 1, reset: false });
      resumed.connected();
      for (const event of one.story.slice(1)) resumed.hear(event);
      resumed.ready(roomId, { seq: one.story.length, reset: false });
      expect(kindsOf({ ...one, records: [...one.records, resumed] })).toContain('leaked');
      const signalled = stranger();
      signalled.signals.push({ name: 'typing', body: { roomId, userId: 'ann' } });
      expect(kindsOf({ ...one, records: [...one.records, signalled] })).toEqual(['leaked']);
      const answers = new Map<string, number>();
      const rooms = one.standings.flatMap((standing) => standing.rooms).slice(0, 1);
      const shown = { record: stranger(), rooms, answers };
      expect(kindsOf({ ...one, standings: [...one.standings, shown] })).toContain('leaked');
      const read = { record: stranger(), rooms: [], answers: new Map([[roomId, 200]]) };
      expect(kindsOf({ ...one, standings: [...one.standings, read] })).toEqual(['leaked']);
    });
  });

  it('names records of chat.events that lie in another partition, or under another key', () => {
    cases((one, place) => {
      const moved = (how: Partial<LogRecord>) => {
        const which = place % one.log.length;
        return kindsOf({ ...one, log: one.log.with(which, { ...at(one.log, place), ...how }) });
      };
      expect(moved({ partition: 4 })).toEqual(['strayed']);
      expect(moved({ key: 'other' })).toEqual(['strayed']);
    });
  });

  it('names a leave that was acked and is not there', () => {
    cases((one, place) => {
      const records = recordsOf(one.story);
      const message = at(messagesOf(one.story), place);
      records[1]?.asked.push({ what: 'leave', roomId, userIds: ['bob'], outcome: acked(message.seq) });
      expect(kindsOf({ ...one, records })).toContain('lost');
    });
  });

  it('names what one device is shown, but not another, or has not had itself', () => {
    cases((one) => {
      const texts = (standings: Standing[]) => findingsOf({ ...one, standings }).map(({ text }) => text);
      const [anns] = one.standings as [Standing];
      const [mine] = anns.rooms as [Standing['rooms'][number]];
      const behind = { ...mine, readSeq: 0, unread: mine.messageNo };
      expect(texts([anns, { ...anns, rooms: [behind] }])).toContain(
        `room room: ann has read up to 0, on another device up to ${mine.readSeq}`,
      );
      const [other] = annHears(one, one.story.slice(1)).records as [ClientRecord];
      const { heard } = other.views.get(roomId) ?? {};
      const last = messagesOf(one.story).at(-1) as RoomEvent;
      heard?.set(last.seq, JSON.stringify({ ...last, type: 'roomUpdated' }));
      const unread = { ...mine, readSeq: last.seq - 1, unread: mine.messageNo - last.messageNo + 1 };
      expect(texts([{ ...anns, record: other, rooms: [unread] }])).toContain(
        `room room: ann has had ${unread.unread - 1} messages after ${unread.readSeq}, is shown ${unread.unread} unread`,
      );
    });
  });

  it('names a wrong count of unread messages, and a marker that went back', () => {
    cases((one) => {
      const shown = (change: object) =>
        kindsOf({
          ...one,
          standings: one.standings.map((standing) => ({
            ...standing,
            rooms: standing.rooms.map((room) => ({ ...room, ...change })),
          })),
        });
      expect(shown({ unread: 1000 })).toContain('miscounted');
      expect(shown({ readSeq: 0, unread: messagesOf(one.story).length })).toContain('miscounted');
    });
  });
});
