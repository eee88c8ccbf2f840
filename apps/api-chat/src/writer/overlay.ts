import { CodedError, type Command } from '@maru/contracts';
import type { Outcome } from './batch';
import type { Known } from './known';
import type { MessageState } from './message-state';
import type { Membership, RoomState } from './room-state';
import { idKey, memberKey, placeKey, reactionKey, type Snapshot } from './snapshot';

/** What the store knew, overlaid by the batch before and by what this one has come to so far. */
export class Overlay {
  constructor(
    private readonly stored: Snapshot,
    private readonly before: Outcome | undefined,
    readonly outcome: Outcome,
  ) {}

  knownTo({ roomId, userId, id }: Command): Known {
    const { stored, before, outcome } = this;
    const key = idKey(roomId, userId, id);
    return {
      room: this.room(roomId),
      membership: (of) => this.membership(roomId, of),
      message: outcome.messages.get(key) ?? before?.messages.get(key) ?? stored.messages.get(key),
      outcome: outcome.outcomes.get(key) ?? before?.outcomes.get(key) ?? stored.outcomes.get(key),
      hasMessage: (seq) => this.hasMessage(roomId, seq),
      messageAt: (seq) => this.messageAt(roomId, seq),
      reacted: (seq, reaction) => this.reacted(reactionKey(roomId, seq, userId, reaction)),
      blocked: (directRoomId) => stored.blocked.has(memberKey(directRoomId, userId)),
      oldestMember: (except) => stored.rosters.get(roomId)?.find((of) => of !== except),
    };
  }

  room(roomId: string): RoomState | undefined {
    return this.outcome.rooms.get(roomId) ?? this.before?.rooms.get(roomId) ?? this.stored.rooms.get(roomId);
  }

  membership(roomId: string, userId: string): Membership | undefined {
    const key = memberKey(roomId, userId);
    const changed = this.outcome.members.get(key) ?? this.before?.members.get(key);
    return changed?.place ?? this.stored.members.get(key);
  }

  messageAt(roomId: string, seq: number): MessageState | undefined {
    const found = this.target(roomId, seq);
    if (found === undefined && this.stored.beyond.has(placeKey(roomId, seq)))
      throw new CodedError('unavailable');
    return found;
  }

  private hasMessage(roomId: string, seq: number): boolean {
    return this.target(roomId, seq) !== undefined || this.stored.beyond.has(placeKey(roomId, seq));
  }

  private target(roomId: string, seq: number): MessageState | undefined {
    const key = placeKey(roomId, seq);
    return this.outcome.targets.get(key) ?? this.before?.targets.get(key) ?? this.stored.targets.get(key);
  }

  private reacted(key: string): boolean {
    const changed = this.outcome.reactions.get(key) ?? this.before?.reactions.get(key);
    return changed === undefined ? this.stored.reactions.has(key) : changed.addedSeq !== null;
  }
}
