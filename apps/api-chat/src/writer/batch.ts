import type { Command, CommandReply, RoomEvent } from '@maru/contracts';
import type { ReplyAddress } from '@maru/kafka-client';
import { decide } from './decide';
import type { MessageState } from './message-state';
import { Overlay } from './overlay';
import { type Happened, recall } from './recall';
import { isMessage } from './repeats';
import type { Membership, RoomState } from './room-state';
import { idKey, type Kept, type SentMessage, type Snapshot } from './snapshot';
import { take } from './taking';

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

/** Where an event stands. */
export interface Place {
  roomId: string;
  seq: number;
}

/** Whether somebody's reaction to a message is there, and the seq at which it came. */
export type ReactionRow = Place & { userId: string; reaction: string; addedSeq: number | null };

/** What deciding a batch came to: what to commit, and then what to publish. */
export class Outcome {
  readonly events: EventRow[] = [];
  readonly replies: { to: ReplyAddress; body: CommandReply }[] = [];
  /** Changed rooms as they are now, and the seq that the store must have before. */
  readonly rooms = new Map<string, RoomState>();
  readonly expectedSeq = new Map<string, number>();
  readonly members = new Map<string, { roomId: string; userId: string; place: Membership }>();
  readonly marks = new Map<string, Mark>();
  readonly messages = new Map<string, SentMessage>();
  /** By `placeKey`, all messages that were sent or changed, as they are now. */
  readonly targets = new Map<string, MessageState>();
  /** Of those the ones that read otherwise than their event. */
  readonly rewritten = new Map<string, Place>();
  readonly deleted = new Map<string, Place>();
  /** By `reactionKey`; none of messages that were deleted since. */
  readonly reactions = new Map<string, ReactionRow>();
  /** Ids of messages that were taken for new, the refused ones too: one that is not is found by the commit. */
  readonly newIds = new Map<string, [roomId: string, userId: string, id: string]>();
  readonly outcomes = new Map<string, Kept & { roomId: string; userId: string; id: string }>();
}

/**
 * Decides the records in order. The snapshot is overlaid by the outcome of the batch before, which may not have
 * been committed when it was taken, and by what this batch has decided so far. What has happened is not decided anew.
 */
export function decideBatch(
  records: readonly CommandRecord[],
  stored: Snapshot,
  before: Outcome | undefined,
  now: number,
  happened?: Happened,
): Outcome {
  const outcome = new Outcome();
  const overlay = new Overlay(stored, before, outcome);
  for (const record of records) {
    const { command, appendedAt } = record;
    const { roomId, userId, id } = command;
    const known = overlay.knownTo(command);
    if (known.message === undefined && isMessage(command))
      outcome.newIds.set(idKey(roomId, userId, id), [roomId, userId, id]);
    take(overlay, record, recall(known, record, happened) ?? decide(known, command, appendedAt, now));
  }
  return outcome;
}
