import { CodedError, type RoomEvent } from '@maru/contracts';
import type { CommandRecord } from './batch';
import { decide } from './decide';
import type { Gathered } from './gathered';
import type { Decision, Known } from './known';
import { isMessage, messageHash, placed, refused, roomHash } from './repeats';
import { applyToRoom, toRoom } from './room-state';

/** Commands that were decided once, by a store that has been lost since: what they came to lies on `chat.events`. */
export interface Happened {
  /** By the command's offset; a command without events came to nothing. */
  events: ReadonlyMap<number, readonly RoomEvent[]>;
  /** The last command that this tells of. */
  until: number;
  /** Everything below was decided. */
  decided: number;
  /** What is beyond `until` is asked for by this; undefined: nothing is. */
  rest?: Gathered;
}

/** The decision that was taken then; `undefined` of a command that came later. Pure. */
export function recall(
  known: Known,
  record: CommandRecord,
  happened: Pick<Happened, 'events' | 'until'> | undefined,
): Decision | undefined {
  const { command, offset, appendedAt } = record;
  if (happened === undefined || offset > happened.until) return undefined;
  const events = happened.events.get(offset);
  if (events === undefined) return cameToNothing(decide(known, command, appendedAt, appendedAt), record);
  const hash = isMessage(command)
    ? messageHash(command)
    : command.type === 'createRoom'
      ? roomHash(command)
      : '';
  let { room } = known;
  for (const event of events) {
    mustBeOf(record, event);
    if (event.seq !== (room?.seq ?? 0) + 1)
      throw new StoreBehindError(
        `room ${event.roomId} is at seq ${room?.seq ?? 0} in the store, and goes on with ${event.seq} on chat.events`,
      );
    room = applyToRoom(room, event, hash);
  }
  const last = events.at(-1);
  if (room === undefined || last === undefined) throw new Error(`command ${offset} has no events`);
  return {
    events: [...events],
    ...(hash !== '' && { hash }),
    ...(isMessage(command)
      ? { reply: placed(last) }
      : { reply: { ok: true, seq: room.seq, room: toRoom(room) }, keep: true }),
  };
}

/** All events of a command are of its room, and happen when it came to the log. */
function mustBeOf({ command: { roomId, id }, appendedAt }: CommandRecord, event: RoomEvent): void {
  const at = new Date(appendedAt).toISOString();
  if (event.roomId === roomId && event.createdAt === at) return;
  throw new StoreBehindError(
    `command ${id} of room ${roomId} (${at}) is counted like one of room ${event.roomId} (${event.createdAt})`,
  );
}

/** Blocks and the like may be other ones now, and what was refused then is refused. */
function cameToNothing(decision: Decision, { command }: CommandRecord): Decision {
  if (decision.events.length === 0) return decision;
  if (isMessage(command)) return refused(new CodedError('expired'));
  // Kept, so nothing that is worth another try.
  const why = 'This was refused before, and why is not known any more: choose a new id.';
  return { ...refused(new CodedError('id_conflict', why)), keep: true };
}

/** `chat.events` holds what the store does not, and the commands that it came of are gone. People must look at it. */
export class StoreBehindError extends Error {
  override name = 'StoreBehindError';

  constructor(what: string) {
    super(`${what}: the store is older than the log. See "Back-up and restore" in docs/operate.md.`);
  }
}
