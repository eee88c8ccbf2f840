import { type MessageNow, type RoomEvent, withoutWords } from '@maru/contracts';

/** A message as its events have made it. */
export interface MessageState {
  /** As it reads now, but for its reactions. */
  now: MessageNow;
  /** The seqs of its edits. */
  edits: readonly number[];
  /** How many have reacted with each reaction that there is. */
  reactions: ReadonlyMap<string, number>;
}

/** The seq of the message that the event is, or changes. */
export function messageSeqOf(event: RoomEvent): number | undefined {
  if (event.type === 'message') return event.seq;
  return 'messageSeq' in event ? event.messageSeq : undefined;
}

/** The state after an event that is the message or changes it. Pure. */
export function applyToMessage(state: MessageState | undefined, event: RoomEvent): MessageState {
  if (event.type === 'message') return { now: event, edits: [], reactions: new Map() };
  if (state === undefined) throw new Error(`${event.type} of a message that was not sent`);
  const { now, edits, reactions } = state;
  switch (event.type) {
    case 'messageEdited': {
      const { text, mentions, createdAt: editedAt } = event;
      const edited = { ...now, text, editedAt };
      delete edited.mentions;
      if (mentions) edited.mentions = mentions;
      return { ...state, now: edited, edits: [...edits, event.seq] };
    }
    case 'messageDeleted':
      return { ...state, now: withoutWords(now), reactions: new Map() };
    case 'reactionAdded':
      return { ...state, reactions: counted(reactions, event.reaction, 1) };
    case 'reactionRemoved':
      return { ...state, reactions: counted(reactions, event.reaction, -1) };
    default:
      return state;
  }
}

function counted(reactions: MessageState['reactions'], reaction: string, by: number): Map<string, number> {
  const changed = new Map(reactions);
  const count = (changed.get(reaction) ?? 0) + by;
  if (count > 0) changed.set(reaction, count);
  else changed.delete(reaction);
  return changed;
}
