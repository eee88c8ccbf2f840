import type { Message, RoomEvent } from '@maru/contracts';
import type { Find } from './finding';
import type { ClientRecord, Sent } from './record';

/**
 * Every acked message once at its seq; nothing that was refused, and nothing that nobody sent. What was sent
 * again under its id, from whichever of the sender's clients, is one message.
 */
export function judgeSends(
  roomId: string,
  events: readonly RoomEvent[],
  records: readonly ClientRecord[],
  find: Find,
): void {
  const there = new Map<string, Message[]>();
  for (const event of events) {
    if (event.type === 'message') push(there, `${event.senderId} ${event.id}`, event);
  }
  const sends = new Map<string, Sent[]>();
  for (const { userId, sent } of records) {
    for (const one of sent) if (one.roomId === roomId) push(sends, `${userId} ${one.id}`, one);
  }
  const labels = new Map(records.map(({ userId, label }) => [userId, label]));
  for (const [key, same] of sends) {
    const [userId = '', id = ''] = key.split(' ');
    judgeMessage(`${labels.get(userId)}'s message ${id}`, same, there.get(key) ?? [], find);
    there.delete(key);
  }
  for (const [key, messages] of there) find('invented', `nobody has sent ${key}, at ${seqsOf(messages)}`);
}

function judgeMessage(name: string, sends: readonly Sent[], there: readonly Message[], find: Find): void {
  const [first] = there;
  if (there.length > 1) find('doubled', `${name} is at ${seqsOf(there)}`);
  if (first && !sends.some((sent) => isSame(sent, first)))
    find('changed', `${name} at ${first.seq} is not what was sent`);
  sends.forEach((sent, index) => {
    const others = sends.filter((other) => other !== sent && hasSameWords(other, sent));
    if (sent.outcome.kind === 'acked') judgeAcked(name, sent, sent.outcome.seq, there, find);
    if (sent.outcome.kind !== 'refused' || !first || !isSame(sent, first) || sent.doubtful) return;
    const { code } = sent.outcome;
    const earlier = sends.slice(0, index).filter((other) => others.includes(other));
    if (earlier.some(({ outcome }) => outcome.kind === 'acked'))
      find('changed', `${name} was acked, and refused (${code}) when it came again`);
    else if (!others.some(({ outcome, doubtful }) => doubtful || outcome.kind !== 'refused'))
      find('invented', `${name} was refused (${code}), is at ${first.seq}`);
  });
}

function judgeAcked(name: string, sent: Sent, seq: number, there: readonly Message[], find: Find): void {
  const [first] = there;
  if (!first) {
    find('lost', `${name} was acked at ${seq}, is nowhere`);
    return;
  }
  if (!there.some((message) => message.seq === seq))
    find('disordered', `${name} was acked at ${seq}, is at ${seqsOf(there)}`);
  if (!isSame(sent, first))
    find('changed', `${name} was acked at ${seq}, but other words of its id are there`);
}

const hasSameWords = (a: Sent, b: Sent): boolean => a.text === b.text && a.messageKind === b.messageKind;

/** Of a message that was deleted nobody is told what it said. */
const isSame = (sent: Sent, message: Message): boolean =>
  (message.deleted === true || sent.text === message.text) && sent.messageKind === message.kind;

const seqsOf = (messages: readonly Message[]): string => messages.map(({ seq }) => seq).join();

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
