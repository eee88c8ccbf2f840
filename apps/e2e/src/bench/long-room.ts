import { roomEvent, type RoomEvent } from '@maru/contracts';
import { type Kysely, openDatabase, sql } from '@maru/postgres';
import type { Maru } from '../support/maru';
import { newUsers, type TestUser } from '../support/user';

const text = 'The quick brown fox jumps over the lazy dog, then sits down to think about it.';
const memberCount = 10;
const rowsAStatement = 50_000;
/** Stands for what differs from message to message: argument 1 of `format` and so on. */
const place = (argument: number) => `%${argument}$s`;

export interface LongRoom {
  roomId: string;
  /** What is in the room, messages and the few other events. */
  lastSeq: number;
  /** Its members; the first is its owner. */
  users: TestUser[];
}

/**
 * A room with so many messages, one each second until now. The room, its members and a first message come about as
 * always; the others are copies of the row that the writer made of that one, each at a place and under an id of its
 * own, and the room and the senders' markers stand where the last one would have put them. `onProgress` hears how many
 * there are.
 */
export async function makeLongRoom(
  maru: Maru,
  messages: number,
  onProgress: (made: number) => void,
): Promise<LongRoom> {
  const rest = maru.rest();
  const names = Array.from({ length: memberCount }, (_, index) => `Member ${index}`);
  const users = await newUsers(rest, names);
  const [owner, ...others] = users as [TestUser, ...TestUser[]];
  const { id: roomId } = await rest.createRoom(owner.token, { name: 'Long', visibility: 'public' });
  for (const { token } of others) await rest.join(token, roomId);
  const first = await rest.post(owner.token, roomId, { id: 'm-1', text });
  const lastSeq = first.seq + messages - 1;
  await fill(maru, { first, lastSeq, users }, onProgress);
  const [fresh] = await Promise.all(users.map(({ email, password }) => rest.logIn(email, password)));
  owner.token = fresh?.accessToken ?? '';
  await mustBeWhole(maru, { roomId, lastSeq, users }, first.seq - first.messageNo);
  return { roomId, lastSeq: lastSeq + 1, users };
}

async function fill(
  maru: Maru,
  { first, lastSeq, users }: { first: RoomEvent; lastSeq: number; users: TestUser[] },
  onProgress: (made: number) => void,
): Promise<void> {
  const store = openChatStore(maru);
  const { roomId, seq, messageNo } = first;
  const raised = lastSeq - seq;
  try {
    const { rows } = await sql<{ body: string }>`
      select body from events where room_id = ${roomId} and seq = ${seq}`.execute(store);
    const body = patternOf(JSON.parse(rows[0]?.body ?? '') as RoomEvent);
    const senders = users.map(({ id }) => id);
    for (let from = 1; from <= raised; from += rowsAStatement) {
      const to = Math.min(from + rowsAStatement - 1, raised);
      await sql`
        insert into events (room_id, seq, message_no, type, body, partition, command_offset, sender_id, client_id, content_hash)
        select room_id, seq + n, message_no + n, type, format(${body}, 'm-' || message_no + n, seq + n, message_no + n,
            sender, to_char(now() at time zone 'utc' - (${raised} - n) * interval '1 second', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
          partition, command_offset - ${raised + 1} + n, sender, 'm-' || message_no + n, content_hash
        from events, generate_series(${from}::int, ${to}::int) as n,
          lateral (select (${senders}::uuid[])[n % ${memberCount} + 1] as sender) as s
        where room_id = ${roomId} and seq = ${seq}`.execute(store);
      onProgress(to + messageNo);
    }
    await sql`update rooms set seq = ${lastSeq}, message_no = message_no + ${raised}, last_message_seq = ${lastSeq},
      active_at = now() where id = ${roomId}`.execute(store);
    await sql`update members m set read_seq = e.seq, read_no = e.message_no
      from events e where m.room_id = ${roomId} and e.room_id = m.room_id and e.sender_id = m.user_id
        and e.seq > ${lastSeq - memberCount}`.execute(store);
  } finally {
    await store.destroy();
  }
}

/** The store of api-chat, for statements of any length. */
export function openChatStore(maru: Maru): Kysely<never> {
  const url = new URL(maru.run.databaseUrl);
  url.pathname = '/maru_chat';
  return openDatabase({ url: url.href, poolSize: 2, statementTimeoutMs: 0, applicationName: 'bench' });
}

/** What autovacuum would have done in all the time that the messages stand for; in seconds. */
export async function vacuumEvents(maru: Maru): Promise<number> {
  const store = openChatStore(maru);
  const start = performance.now();
  await sql`vacuum (analyze) events`.execute(store).finally(() => store.destroy());
  return (performance.now() - start) / 1000;
}

/** The JSON of the writer, its keys in their order, with places for what differs. */
function patternOf(event: RoomEvent): string {
  const differing = {
    id: place(1),
    seq: place(2),
    messageNo: place(3),
    senderId: place(4),
    createdAt: place(5),
  };
  const json = JSON.stringify(event).replaceAll('%', '%%');
  const marked = JSON.stringify({ ...(JSON.parse(json) as object), ...differing });
  return marked.replace(`"${place(2)}"`, place(2)).replace(`"${place(3)}"`, place(3));
}

/** Looks as a client would: pages from several places, and a next message that the writer puts behind them all.
 * `others`: events that are no messages, all of them before the first. */
async function mustBeWhole(maru: Maru, { roomId, lastSeq, users }: LongRoom, others: number): Promise<void> {
  const rest = maru.rest();
  const token = users[0]?.token ?? '';
  for (const after of [0, 95, Math.floor(lastSeq / 2), lastSeq - 100]) {
    const { items } = await rest.get<{ items: unknown[] }>(
      'GET',
      `/rooms/${roomId}/events?after=${after}&limit=100`,
      token,
    );
    const events = items.map((item) => roomEvent.parse(item));
    if (events.length !== Math.min(100, lastSeq - after))
      throw new Error(`a page of ${events.length} events`);
    events.forEach(({ seq, messageNo, type }, index) => {
      if (seq !== after + 1 + index) throw new Error(`seq ${seq} where ${after + 1 + index} should be`);
      if (type === 'message' && messageNo !== seq - others)
        throw new Error(`message ${messageNo} stands at ${seq}`);
    });
  }
  const next = await rest.post(token, roomId, { text });
  if (next.seq !== lastSeq + 1) throw new Error(`the next message got ${next.seq}, not ${lastSeq + 1}`);
}
