import { CodedError, type Command, type CommandOf, type Placed } from '@maru/contracts';
import { contentHash } from './content-hash';
import type { Decision, Known } from './known';
import { toRoom } from './room-state';

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

export const roomHash = (command: CommandOf<'createRoom'>): string =>
  contentHash([command.name, command.visibility, command.memberIds]);

export const placed = ({ seq, messageNo, createdAt }: Placed) => ({
  ok: true as const,
  seq,
  message: { seq, messageNo, createdAt },
});

export const refused = (error: CodedError): Decision => ({
  events: [],
  reply: { ok: false, error: error.toBody() },
});

/** A repeat gets the first answer, also when its sender has left since or its message was deleted. */
export function findRepeat(known: Known, command: Command): Decision | undefined {
  if (isMessage(command)) {
    if (known.message === undefined) return undefined;
    if (known.message.hash !== messageHash(command)) return refused(new CodedError('id_conflict'));
    return { events: [], reply: { ...placed(known.message), duplicate: true } };
  }
  if (command.type === 'createRoom' && known.room !== undefined) {
    if (known.room.createHash !== roomHash(command)) return refused(new CodedError('id_conflict'));
    if (known.outcome === undefined) {
      return {
        events: [],
        reply: { ok: true, seq: known.room.seq, duplicate: true, room: toRoom(known.room) },
      };
    }
  }
  if (known.outcome === undefined) return undefined;
  return { events: [], reply: known.outcome.ok ? { ...known.outcome, duplicate: true } : known.outcome };
}
