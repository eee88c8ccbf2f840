import type { Command, CommandReply, RoomEvent } from '@maru/contracts';
import * as fc from 'fast-check';
import { type CommandRecord, decideBatch, type Outcome } from '../writer/batch';
import { emptySnapshot, type Snapshot } from '../writer/snapshot';

const user = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`;
export const [ann, bob, cyd] = [user(1), user(2), user(3)];
export const room = '00000000-0000-4000-9000-000000000001';
export const start = Date.parse('2026-01-01T00:00:00Z');

export interface Circumstances {
  /** The store's clock, in ms. */
  now?: number;
  /** When each command came on the log, in ms. */
  appendedAt?: number[];
  /** The asker of all of them needs no reply to what becomes an event. */
  hearsEvents?: boolean;
}

/** One room in memory: commits outcomes as the store does, so that batches can be cut anywhere. */
export class Ledger {
  readonly snapshot: Snapshot = emptySnapshot();
  readonly events: RoomEvent[] = [];
  /** The append time of what is run, and now, where nothing else is said. */
  clock = start;

  constructor(private readonly roomId = room) {}

  /** Another that goes on from here by itself. */
  fork(): Ledger {
    const other = new Ledger(this.roomId);
    Object.assign(other.snapshot, structuredClone(this.snapshot));
    other.events.push(...this.events);
    return other;
  }

  run(commands: Command[], before?: Outcome, circumstances: Circumstances = {}): Outcome {
    const { now = this.clock, appendedAt = [], hearsEvents = false } = circumstances;
    const records = commands.map((command, offset): CommandRecord => ({
      offset,
      appendedAt: appendedAt[offset] ?? this.clock,
      command,
      replyTo: {
        asker: 'a',
        slot: 0,
        id: String(offset),
        ...(hearsEvents && { hearsEvents: true as const }),
      },
    }));
    return decideBatch(records, this.snapshot, before, now);
  }

  commit(outcome: Outcome): void {
    const { rooms, members, messages, outcomes, rosters, targets, reactions } = this.snapshot;
    for (const [id, state] of outcome.rooms) {
      if ((rooms.get(id)?.seq ?? 0) !== outcome.expectedSeq.get(id))
        throw new Error('decided on another state');
      rooms.set(id, state);
    }
    for (const [key, { place }] of outcome.members) members.set(key, place);
    for (const [key, message] of outcome.targets) targets.set(key, message);
    for (const key of outcome.deleted.keys())
      for (const of of reactions) if (of.startsWith(`${key}/`)) reactions.delete(of);
    for (const [key, { addedSeq }] of outcome.reactions) {
      if (addedSeq === null) reactions.delete(key);
      else reactions.add(key);
    }
    for (const [key, message] of outcome.messages) messages.set(key, message);
    for (const [key, kept] of outcome.outcomes) outcomes.set(key, kept);
    this.events.push(...outcome.events.map(({ event }) => event));
    const present = [...members].filter(([, { leftSeq }]) => leftSeq === null);
    rosters.set(
      this.roomId,
      present.sort((a, b) => a[1].joinedSeq - b[1].joinedSeq).map(([key]) => userOf(key)),
    );
  }

  do(...commands: Command[]): CommandReply[] {
    const outcome = this.run(commands);
    this.commit(outcome);
    return outcome.replies.map(({ body }) => body);
  }
}

/** The user that a `memberKey` names. */
export const userOf = (key: string): string => key.slice(key.indexOf('/') + 1);

export const create = (
  visibility: 'public' | 'private' = 'public',
  memberIds: string[] = [],
  roomId = room,
): Command => ({ type: 'createRoom', roomId, userId: ann, id: 'room', name: 'hall', visibility, memberIds });

export const send = (userId: string, id: string, text = 'hi', roomId = room): Command => ({
  type: 'sendMessage',
  roomId,
  userId,
  id,
  text,
  kind: 'text',
  metadata: {},
});

const roles = ['moderator', 'member'] as const;
const mutes = [null, '2025-01-01T00:00:00Z', '2027-01-01T00:00:00Z'];
const reactions = ['👍', ':party:'];

/**
 * Commands of three users in one room, with ids that occur again and again. The end of an account needs the room's
 * roster: the writer takes it alone, so it is left out where batches are cut anywhere.
 */
export const anyCommandIn = (roomId: string, accountsEnd = false): fc.Arbitrary<Command> =>
  fc
    .record({
      who: fc.constantFrom(ann, bob, cyd),
      other: fc.constantFrom(ann, bob, cyd),
      id: fc.integer({ min: 0, max: 9 }),
      kind: fc.integer({ min: 0, max: 25 }),
      seq: fc.integer({ min: 1, max: 12 }),
    })
    .map(({ who, other, id, kind, seq }): Command => {
      const asked = { roomId, userId: who, id: `c${id}` };
      if (kind === 0) return create('public', [], roomId);
      if (kind <= 2) return { type: 'join', ...asked };
      if (kind === 3) return { type: 'leave', ...asked };
      if (kind === 4) return { type: 'addMember', ...asked, memberId: other };
      if (kind === 5) return { type: 'removeMember', ...asked, memberId: other };
      if (kind === 6) return { type: 'updateRoom', ...asked, ownerId: other };
      if (kind === 7 && accountsEnd) return { type: 'removeDeletedUser', ...asked };
      if (kind === 8) return { type: 'setRole', ...asked, memberId: other, role: roles[id % 2] ?? 'member' };
      if (kind === 9) return { type: 'muteMember', ...asked, memberId: other, until: mutes[id % 3] ?? null };
      if (kind === 10) return { type: 'updateRoom', ...asked, slowModeSeconds: id % 2 };
      if (kind <= 12) return { type: 'editMessage', ...asked, seq, text: `now ${id % 3}`, mentions: [other] };
      if (kind === 13) return { type: 'deleteMessage', ...asked, seq };
      if (kind <= 15) return { type: 'addReaction', ...asked, seq, reaction: reactions[id % 2] ?? '' };
      if (kind === 16) return { type: 'removeReaction', ...asked, seq, reaction: reactions[id % 2] ?? '' };
      if (kind === 17)
        return { ...send(who, `r${id}`, 'hi', roomId), replyTo: seq, mentions: [other] } as Command;
      if (kind === 18) return { type: 'updateRoom', ...asked, name: `hall ${id % 3}` };
      if (kind === 19)
        return { type: 'updateRoom', ...asked, visibility: id % 2 === 0 ? 'private' : 'public' };
      // Rarely: nothing is done in the room any more.
      if (kind === 20 && id === 0) return { type: 'deleteRoom', ...asked };
      return send(who, `m${id}`, id === 9 ? `hi ${other}` : 'hi', roomId);
    });
