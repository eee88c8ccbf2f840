import {
  CodedError,
  type Command,
  type CommandOf,
  type CommandReply,
  type Placed,
  systemUserId,
} from '@maru/contracts';
import { contentHash } from './content-hash';
import type { Decision, Known } from './known';
import { toRoom } from './room-state';
import type { Kept } from './snapshot';

type Sending = CommandOf<'sendMessage' | 'sendDirect'>;

/** Of these the id is kept for ever, with the message; ids of other commands are kept apart. */
export const isMessage = (command: Command): command is Sending =>
  command.type === 'sendMessage' || command.type === 'sendDirect';

/** What messages had before there were answers and mentions has the hash that it had then. */
export function messageHash({ text, kind, metadata, replyTo, mentions }: Sending): string {
  const plain = [text, kind, metadata];
  return contentHash(
    replyTo === undefined && mentions === undefined ? plain : [...plain, replyTo ?? null, mentions ?? []],
  );
}

/** A back end's room is found by its id alone, so its owner is part of what was asked; others find only their own. */
export function roomHash({ name, visibility, memberIds, userId, byServer }: CommandOf<'createRoom'>): string {
  const plain = [name, visibility, memberIds];
  return contentHash(byServer && userId !== systemUserId ? [...plain, userId] : plain);
}

export const commandHash = (command: Command): string => contentHash(command);

/** The answer to a command under an id that was used before: the first one, when it asked for the same. */
export function keptAnswer(command: Command, { reply, hash }: Kept): CommandReply {
  return hash === null || hash === commandHash(command) ? reply : conflict.reply;
}

export const placed = ({ seq, messageNo, createdAt }: Placed) => ({
  ok: true as const,
  seq,
  message: { seq, messageNo, createdAt },
});

export const refused = (error: CodedError): Decision => ({
  events: [],
  reply: { ok: false, error: error.toBody() },
});
const conflict = refused(new CodedError('id_conflict'));

/** A repeat gets the first answer, also when its sender has left since or its message was deleted. */
export function findRepeat(known: Known, command: Command): Decision | undefined {
  if (isMessage(command)) {
    if (known.message === undefined) return undefined;
    if (known.message.hash !== messageHash(command)) return conflict;
    return { events: [], reply: { ...placed(known.message), duplicate: true } };
  }
  if (command.type === 'createRoom' && known.room !== undefined) {
    if (known.room.createHash !== roomHash(command)) return conflict;
    if (known.outcome === undefined) {
      return {
        events: [],
        reply: { ok: true, seq: known.room.seq, duplicate: true, room: toRoom(known.room) },
      };
    }
  }
  if (known.outcome === undefined) return undefined;
  const reply = keptAnswer(command, known.outcome);
  return { events: [], reply: reply.ok ? { ...reply, duplicate: true } : reply };
}
