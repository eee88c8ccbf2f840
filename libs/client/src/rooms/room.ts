import type {
  Member,
  MemberRole,
  MyRoom,
  Room as RoomBody,
  RoomEvent,
  RoomPosition,
  UpdateRoom,
} from '@maru/contracts';
import { Emitter } from '../emitter';
import type { ChatMessage, Content } from '../messages';
import { newId } from '../new-id';
import type { Placed } from '../outbox/outbox';
import { listed } from '../rest';
import { history, type HistoryQuery, type HistoryMessage, pastEvents } from './history';
import { RoomMessages } from './messages';
import type { RoomParts } from './room-parts';

export interface RoomEvents {
  /** `messages` reads differently now. */
  change: readonly ChatMessage[];
  /** An event of the room: each once, in order, without a gap. */
  event: RoomEvent;
  /** Those who are typing now. */
  typing: readonly string[];
  /** A member has read up to `seq`. */
  read: { userId: string; seq: number };
  /** Too much was missed to fetch it one by one; `messages` begins anew from the newest. */
  reset: { seq: number };
  /** The user is not in it any more; `messages` is empty. */
  left: { roomId: string };
}

/** A message that is on its way. `sent` rejects with a `MaruError` when it was refused. */
export interface Sending {
  id: string;
  sent: Promise<Placed>;
}

const pageSize = 50;

/** One room: its messages as they read now, and what can be done in it. What is asked rejects with a `MaruError`. */
export class Room extends Emitter<RoomEvents> {
  private readonly timeline: RoomMessages;

  /** @internal */
  constructor(
    readonly id: string,
    private readonly parts: RoomParts,
  ) {
    super();
    this.timeline = new RoomMessages(id, parts, () => this.emit('change', this.messages));
  }

  // ---- What is shown ----

  /** As the list of one's rooms has it: name, owner, unread, `readSeq` …; undefined while that is not loaded. */
  get info(): MyRoom | undefined {
    return this.parts.info(this.id);
  }

  /**
   * From the oldest that was read to the newest, behind these what is on its way. After a change it is another array;
   * one that was given out stays as it is.
   */
  get messages(): readonly ChatMessage[] {
    return this.timeline.now;
  }

  /** Whether there are older ones than these. */
  get hasOlder(): boolean {
    return this.timeline.hasOlder;
  }

  /** Those who are typing now. */
  get typing(): readonly string[] {
    return this.parts.typing.in(this.id);
  }

  /** Reads the newest messages; from now on `messages` follows the room. What fails is done as soon as it can be. */
  async open(limit = pageSize): Promise<readonly ChatMessage[]> {
    await this.timeline.open(limit);
    return this.messages;
  }

  /** Lets go of the messages that were read. */
  close(): void {
    this.timeline.close();
  }

  /** Reads older messages. @returns how many there were */
  loadOlder(limit = pageSize): Promise<number> {
    return this.timeline.older(limit);
  }

  /** Reads back until the message of this seq is there. @returns whether it is */
  loadBack(seq: number): Promise<boolean> {
    return this.timeline.back(seq, 100);
  }

  // ---- What is said ----

  /** Shows it at once, and sends it when there is a connection, until the server has answered. Never throws. */
  send(content: string | Content): Sending {
    const id = newId();
    const sent = this.parts.outbox.add(
      this.id,
      typeof content === 'string' ? { text: content } : content,
      id,
    );
    return { id, sent };
  }

  /** Sends one that has failed again. */
  retry(id: string): Promise<Placed> {
    return this.parts.outbox.retry(this.id, id, newId);
  }

  /** Forgets one that has failed, or is not sent yet. */
  discard(id: string): void {
    this.parts.outbox.discard(this.id, id);
  }

  edit(seq: number, text: string, mentions?: string[]): Promise<{ seq: number }> {
    return this.insist('editMessage', { seq, text, ...(mentions && { mentions }) });
  }

  deleteMessage(seq: number): Promise<{ seq: number }> {
    return this.insist('deleteMessage', { seq });
  }

  react(seq: number, reaction: string): Promise<{ seq: number }> {
    return this.insist('addReaction', { seq, reaction });
  }

  unreact(seq: number, reaction: string): Promise<{ seq: number }> {
    return this.insist('removeReaction', { seq, reaction });
  }

  /** Tells the others that the user is typing: call it at each key; it is told every 2 s at most, and kept nowhere. */
  type(): void {
    this.parts.typing.tell(this.id);
  }

  /** Moves the read marker forward, to the newest when left out. Told as soon as there is a connection. */
  read(seq = this.parts.feeds.position(this.id)): void {
    if (seq !== undefined) this.parts.marks.move(this.id, seq);
  }

  // ---- What was said: read from the server, not kept ----

  /** Messages as they read now, from the newest to the oldest; from `after` on the other way round. */
  history(query: HistoryQuery = {}): AsyncGenerator<HistoryMessage, void, undefined> {
    return history(this.parts.rest, this.id, query);
  }

  /** Every event after a seq, as it happened. */
  events(after = 0): AsyncGenerator<RoomEvent, void, undefined> {
    return pastEvents(this.parts.rest, this.id, after);
  }

  // ---- Who is in it, and what it is ----

  members(): AsyncGenerator<Member, void, undefined> {
    return listed(this.parts.rest, `${this.path}/members`);
  }

  add(userId: string): Promise<RoomPosition> {
    return this.parts.rest.post(`${this.path}/members`, { userId }, { repeatable: true });
  }

  remove(userId: string): Promise<RoomPosition> {
    return this.parts.rest.ask('DELETE', `${this.path}/members/${userId}`);
  }

  join(): Promise<RoomPosition> {
    return this.parts.rest.post(`${this.path}/join`, undefined, { repeatable: true });
  }

  async leave(): Promise<RoomPosition> {
    const { userId } = await this.parts.online();
    return this.remove(userId);
  }

  update(change: UpdateRoom): Promise<RoomBody> {
    return this.parts.rest.ask('PATCH', this.path, { body: change, repeatable: true });
  }

  delete(): Promise<RoomPosition> {
    return this.parts.rest.ask('DELETE', this.path);
  }

  setRole(userId: string, role: MemberRole): Promise<RoomPosition> {
    return this.updateMember(userId, { role });
  }

  /** He can say nothing until then; `null` ends it. */
  mute(userId: string, until: Date | null): Promise<RoomPosition> {
    return this.updateMember(userId, { mutedUntil: until?.toISOString() ?? null });
  }

  // ---- What the client tells it ----

  /** @internal */
  take(event: RoomEvent): void {
    this.timeline.apply(event);
    this.emit('event', event);
  }

  /** @internal */
  outboxChanged(): void {
    this.timeline.renew();
  }

  /** @internal */
  skipped(seq: number): void {
    this.timeline.skipped();
    this.emit('reset', { seq });
  }

  /** @internal */
  tell<E extends 'typing' | 'read'>(event: E, body: RoomEvents[E]): void {
    this.emit(event, body);
  }

  /** @internal */
  online(): void {
    this.timeline.online();
  }

  /** @internal */
  end(): void {
    this.timeline.end();
  }

  /** @internal What he could read is not his any more. */
  left(): void {
    this.timeline.close();
    this.emit('left', { roomId: this.id });
  }

  private get path(): string {
    return `/rooms/${this.id}`;
  }

  private updateMember(userId: string, body: object): Promise<RoomPosition> {
    return this.parts.rest.ask('PATCH', `${this.path}/members/${userId}`, { body, repeatable: true });
  }

  private insist(event: 'editMessage' | 'deleteMessage' | 'addReaction' | 'removeReaction', payload: object) {
    return this.parts.insist(event, { roomId: this.id, ...payload });
  }
}
