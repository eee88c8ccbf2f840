import { randomUUID } from 'node:crypto';
import type { Command, CommandReply } from '@maru/contracts';

const senders = 20;
/** Messages that may be without an answer. */
const window = 166;
const text = 'The quick brown fox jumps over the lazy dog, then sits down to think about it.';

interface Asked {
  /** Of the request; an answer names it. */
  id: string;
  type: Command['type'];
  /** JSON. */
  value: string;
}

/** A room of the load: what is asked in it, and whether the n-th message gets the n-th place. */
export class LoadRoom {
  readonly roomId = randomUUID();
  /** Of `chat.commands`. */
  partition = 0;
  sent = 0;
  answered = 0;
  /** The room's seq before its first message; 0 until it is there. */
  base = 0;
  private readonly userIds = Array.from({ length: senders }, () => randomUUID());
  /** What each user's commands begin with, up to the id: encoded once. */
  private readonly heads = this.userIds.map(
    (userId) => `{"type":"sendMessage","roomId":"${this.roomId}","userId":"${userId}","id":"`,
  );

  constructor(private readonly index: number) {}

  get full(): boolean {
    return this.sent - this.answered >= window;
  }

  creation(): Asked {
    const { roomId, index } = this;
    const [userId = '', ...memberIds] = this.userIds;
    const about = { roomId, userId, id: randomUUID(), name: `Bench ${index}`, memberIds };
    const command: Command = { type: 'createRoom', visibility: 'private', ...about };
    return { id: `${index}.room`, type: command.type, value: JSON.stringify(command) };
  }

  message(): Asked {
    const head = this.heads[this.sent % senders] ?? '';
    const id = `${this.index}.${this.sent++}`;
    return { id, type: 'sendMessage', value: `${head}${id}","text":"${text}","kind":"text","metadata":{}}` };
  }

  /** @throws Error when it was refused, or did not get its place. */
  take(id: string, body: CommandReply): void {
    if (!body.ok) throw new Error(`${id} was refused: ${body.error.code} ${body.error.message}`);
    if (id.endsWith('.room')) {
      this.base ||= body.seq;
      return;
    }
    const number = Number(id.slice(id.indexOf('.') + 1));
    const { base, answered } = this;
    if (body.seq !== base + number + 1 || number > answered)
      throw new Error(`${id} got ${body.seq} of a room at ${base}, of which ${answered} are answered`);
    // A writer that took the partition over may answer once more.
    if (number === answered) this.answered++;
  }
}
