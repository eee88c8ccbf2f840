import type { Message } from '@maru/contracts';
import type { CommandRecord, Outcome } from './batch';
import { isMessage, keptAnswer, placed } from './repeats';
import { idKey, type Kept } from './snapshot';
import type { StoredEvent } from './writer.repository';

/**
 * What was answered to commands that are decided, as far as the store tells: a message by the event that its
 * record became, another command by the outcome kept under its id. Of a refused message nothing is kept.
 */
export function answersTo(
  commands: readonly CommandRecord[],
  events: readonly StoredEvent[],
  outcomes: ReadonlyMap<string, Kept>,
): Outcome['replies'] {
  const messages = new Map(
    events
      .filter(({ type }) => type === 'message')
      .map(({ offset, body }) => [offset, placed(JSON.parse(body) as Message)]),
  );
  return commands.flatMap(({ offset, command, replyTo: to }) => {
    const { roomId, userId, id } = command;
    const kept = outcomes.get(idKey(roomId, userId, id));
    const body = isMessage(command) ? messages.get(offset) : kept && keptAnswer(command, kept);
    return to === undefined || body === undefined ? [] : [{ to, body }];
  });
}
