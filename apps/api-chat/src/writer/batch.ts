import type { Command, CommandReply, RoomEvent } from '@maru/contracts';
import { causeOf, type ReplyAddress } from '@maru/kafka-client';
import { type Decision, decide, isMessage } from './decide';
import { applyToRoom, type Membership, type RoomState } from './room-state';
import { idKey, memberKey, type SentMessage, type Snapshot } from './snapshot';

/** A record of `chat.commands` that holds a valid command. `appendedAt` is the broker's append time in ms. */
export interface CommandRecord {
  offset: number;
  appendedAt: number;
  command: Command;
  replyTo: ReplyAddress | undefined;
}

export interface EventRow {
  event: RoomEvent;
  /** The event's JSON, encoded once for the store, Kafka and all clients. */
  body: string;
  offset: number;
  /** Of the command, when its asker hears of the outcome by the event. */
  cause: string | undefined;
  clientId: string | null;
  hash: string | null;
}

/** A user's read marker moved by what he did himself. */
export interface Mark {
  roomId: string;
  userId: string;
  seq: number;
  messageNo: number;
}

/** What deciding a batch came to: what to commit, and then what to publish. */
export class Outcome {
  readonly events: EventRow[] = [];
  readonly replies: { to: ReplyAddress; body: CommandReply }[] = [];
  /** Changed rooms as they are now, and the seq that the store must have before. */
  readonly rooms = new Map<string, RoomState>();
  readonly expectedSeq = new Map<string, number>();
  readonly members = new Map<string, Membership & { roomId: string; userId: string }>();
  readonly marks = new Map<string, Mark>();
  readonly messages = new Map<string, SentMessage>();
  /** Ids of messages that were taken for new, the refused ones too: one that is not is found by the commit. */
  readonly newIds = new Map<string, [roomId: string, userId: string, id: string]>();
  readonly outcomes = new Map<string, { roomId: string; userId: string; id: string; reply: CommandReply }>();
}

/**
 * Decides the records in order. The snapshot is overlaid by the outcome of the batch before, which may not have
 * been committed when it was taken, and by what this batch has decided so far.
 */
export function decideBatch(
  records: readonly CommandRecord[],
  stored: Snapshot,
  before: Outcome | undefined,
  now: number,
): Outcome {
  const outcome = new Outcome();
  for (const record of records) {
    const { command } = record;
    const { roomId, userId, id } = command;
    const room = outcome.rooms.get(roomId) ?? before?.rooms.get(roomId) ?? stored.rooms.get(roomId);
    const key = idKey(roomId, userId, id);
    const message = outcome.messages.get(key) ?? before?.messages.get(key) ?? stored.messages.get(key);
    if (message === undefined && isMessage(command)) outcome.newIds.set(key, [roomId, userId, id]);
    const decision = decide(
      {
        room,
        membership: (of) => {
          const member = memberKey(roomId, of);
          return outcome.members.get(member) ?? before?.members.get(member) ?? stored.members.get(member);
        },
        message,
        outcome: (outcome.outcomes.get(key) ?? before?.outcomes.get(key))?.reply ?? stored.outcomes.get(key),
        blocked: (directRoomId) => stored.blocked.has(memberKey(directRoomId, userId)),
        oldestMember: (except) => stored.rosters.get(roomId)?.find((of) => of !== except),
      },
      command,
      record.appendedAt,
      now,
    );
    take(outcome, record, room, decision);
  }
  return outcome;
}

function take(
  outcome: Outcome,
  record: CommandRecord,
  before: RoomState | undefined,
  decision: Decision,
): void {
  const { roomId, userId, id } = record.command;
  if (decision.keep)
    outcome.outcomes.set(idKey(roomId, userId, id), { roomId, userId, id, reply: decision.reply });
  const to = record.replyTo;
  // Of several events none is the answer.
  const cause = to?.hearsEvents && decision.events.length === 1 ? causeOf(to) : undefined;
  if (to !== undefined && cause === undefined) outcome.replies.push({ to, body: decision.reply });
  if (decision.events.length === 0) return;
  if (!outcome.expectedSeq.has(roomId)) outcome.expectedSeq.set(roomId, before?.seq ?? 0);
  let room = before;
  for (const event of decision.events) {
    room = applyToRoom(room, event, decision.hash ?? '');
    takeEvent(outcome, { event, offset: record.offset, cause }, decision.hash);
  }
  if (room !== undefined) outcome.rooms.set(roomId, room);
}

function takeEvent(
  outcome: Outcome,
  of: Pick<EventRow, 'event' | 'offset' | 'cause'>,
  hash: string | undefined,
): void {
  const { event } = of;
  const { roomId, seq, messageNo } = event;
  const isMessage = event.type === 'message';
  outcome.events.push({
    ...of,
    body: JSON.stringify(event),
    clientId: isMessage ? event.id : null,
    hash: isMessage ? (hash ?? null) : null,
  });
  if (isMessage) {
    const { senderId: userId } = event;
    const { createdAt } = event;
    outcome.messages.set(idKey(roomId, userId, event.id), { hash: hash ?? '', seq, messageNo, createdAt });
    outcome.marks.set(memberKey(roomId, userId), { roomId, userId, seq, messageNo });
  } else if (event.type === 'memberJoined') {
    const { userId } = event;
    outcome.members.set(memberKey(roomId, userId), { roomId, userId, joinedSeq: seq, leftSeq: null });
    outcome.marks.set(memberKey(roomId, userId), { roomId, userId, seq, messageNo });
  } else if (event.type === 'memberLeft') {
    const { userId } = event;
    const key = memberKey(roomId, userId);
    outcome.members.set(key, { roomId, userId, joinedSeq: 0, leftSeq: seq });
  }
}
