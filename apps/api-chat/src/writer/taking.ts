import type { RoomEvent } from '@maru/contracts';
import { causeOf } from '@maru/kafka-client';
import type { CommandRecord, EventRow, Outcome } from './batch';
import type { Decision } from './known';
import { applyToMessage, messageSeqOf } from './message-state';
import type { Overlay } from './overlay';
import { commandHash } from './repeats';
import { applyToMember, applyToRoom, memberOf, type RoomState } from './room-state';
import { idKey, memberKey, placeKey, reactionKey } from './snapshot';

/** Takes what was decided of a record into the batch's outcome. */
export function take(overlay: Overlay, record: CommandRecord, decision: Decision): void {
  const { outcome } = overlay;
  const { roomId, userId, id } = record.command;
  if (decision.keep)
    outcome.outcomes.set(idKey(roomId, userId, id), {
      ...{ roomId, userId, id, reply: decision.reply },
      hash: commandHash(record.command),
    });
  const to = record.replyTo;
  // Of several events none is the answer.
  const cause = to?.hearsEvents && decision.events.length === 1 ? causeOf(to) : undefined;
  if (to !== undefined && cause === undefined) outcome.replies.push({ to, body: decision.reply });
  const { hash } = decision;
  for (const event of decision.events) {
    const before = overlay.room(roomId);
    if (!outcome.expectedSeq.has(roomId)) outcome.expectedSeq.set(roomId, before?.seq ?? 0);
    const room = applyToRoom(before, event, hash ?? '');
    outcome.rooms.set(roomId, room);
    takeMember(overlay, event, room);
    takeMessage(overlay, event);
    const own = event.type === 'message';
    if (own) takeSent(outcome, event, hash ?? '');
    const of: Pick<EventRow, 'clientId' | 'hash'> = {
      clientId: own ? event.id : null,
      hash: own ? (hash ?? null) : null,
    };
    outcome.events.push({ event, offset: record.offset, cause, body: JSON.stringify(event), ...of });
  }
}

type Sent = Extract<RoomEvent, { type: 'message' }>;

function takeSent(outcome: Outcome, event: Sent, hash: string): void {
  const { roomId, senderId: userId, id, seq, messageNo, createdAt } = event;
  outcome.messages.set(idKey(roomId, userId, id), { hash, seq, messageNo, createdAt });
  outcome.marks.set(memberKey(roomId, userId), { roomId, userId, seq, messageNo });
}

function takeMember(overlay: Overlay, event: RoomEvent, room: RoomState): void {
  const userId = memberOf(event, room);
  if (userId === undefined) return;
  const { roomId, seq, messageNo } = event;
  const { members, marks } = overlay.outcome;
  const place = applyToMember(overlay.membership(roomId, userId), event);
  members.set(memberKey(roomId, userId), { roomId, userId, place });
  if (event.type === 'memberJoined') marks.set(memberKey(roomId, userId), { roomId, userId, seq, messageNo });
}

function takeMessage(overlay: Overlay, event: RoomEvent): void {
  const seq = messageSeqOf(event);
  if (seq === undefined) return;
  const { outcome } = overlay;
  const { roomId } = event;
  const key = placeKey(roomId, seq);
  const before = overlay.messageAt(roomId, seq);
  // It happened once, before the store was restored, to a message that is not kept any more: nobody will see what it reads.
  if (before === undefined && event.type !== 'message') return;
  outcome.targets.set(key, applyToMessage(before, event));
  if (event.type === 'messageEdited' || event.type === 'messageDeleted')
    outcome.rewritten.set(key, { roomId, seq });
  if (event.type === 'reactionAdded' || event.type === 'reactionRemoved') {
    const { userId, reaction } = event;
    const addedSeq = event.type === 'reactionAdded' ? event.seq : null;
    const row = { roomId, seq, userId, reaction, addedSeq };
    outcome.reactions.set(reactionKey(roomId, seq, userId, reaction), row);
  }
  if (event.type === 'messageDeleted') {
    outcome.deleted.set(key, { roomId, seq });
    for (const [of, row] of outcome.reactions)
      if (row.roomId === roomId && row.seq === seq) outcome.reactions.delete(of);
  }
}
