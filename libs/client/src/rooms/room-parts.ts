import type { AckBodies, ClientEvent, MyRoom } from '@maru/contracts';
import type { MessagesParts } from './messages';
import type { ReadMarks } from '../signals/read-marks';
import type { Typing } from '../signals/typing';

/** What a room uses of its client. */
export interface RoomParts extends MessagesParts {
  typing: Typing;
  marks: Pick<ReadMarks, 'move'>;
  info(roomId: string): MyRoom | undefined;
  online(): Promise<{ userId: string }>;
  /** Asks until there is an answer, always under the same id. @throws MaruError as it was refused, or `network` after a while */
  insist<E extends ClientEvent>(event: E, payload: object): Promise<AckBodies[E]>;
}
