import type { Member, MessageNow } from '@maru/contracts';
import * as fc from 'fast-check';
import type { ChatClient } from '../support/chat-client';
import { RestError } from '../support/rest';
import { until } from '../support/until';
import type { TestUser } from '../support/user';
import { applied, fetched, marked, pictureOf, type RoomPicture, shownOf } from './room-picture';
import type { Scene } from './scene';

/** Everything by which a room changes once it is there, and before it ends. */
export const kinds = [
  'send',
  'post',
  'send again',
  'read',
  'join',
  'join over REST',
  'leave',
  'leave over REST',
  'add',
  'remove',
  'rename',
  'open or close',
  'hand over',
  'reply',
  'edit',
  'unsay',
  'react',
  'take back',
  'appoint',
  'mute',
  'slow down',
] as const;
export type Kind = (typeof kinds)[number];
/** What changes nothing that has a seq. */
export const silent: Kind[] = ['send again', 'read'];

/** What is done; `who` and `whom` choose among those who come into question. */
interface Turn {
  kind: Kind;
  who: number;
  whom: number;
}
/** Each kind twice, in any order. */
export const turns = fc
  .shuffledSubarray([...kinds, ...kinds], { minLength: 2 * kinds.length })
  .chain((order) =>
    fc.tuple(
      ...order.map((kind) => fc.record({ kind: fc.constant(kind), who: fc.nat(11), whom: fc.nat(11) })),
    ),
  );

/** One room, and who does things in it; one of its members watches all the time. */
export class Stage {
  private lines = 0;

  constructor(
    private readonly scene: Scene,
    private readonly people: readonly ChatClient[],
    private readonly watcher: ChatClient,
    readonly roomId: string,
    public picture: RoomPicture,
  ) {}

  /** Whether the room was changed by it. What the watcher then has is what the API shows. */
  async play(turn: Turn): Promise<boolean> {
    await this.do(turn).catch((error: unknown) => {
      if (!(error instanceof RestError) || error.status >= 500) throw error;
    });
    return this.agrees();
  }

  /** The old picture with the events applied is what is fetched afresh. */
  async agrees(): Promise<boolean> {
    const { watcher, roomId, scene } = this;
    const { user } = watcher;
    const before = this.picture;
    const now = await fetched(scene.maru.rest(1), user.token, roomId);
    if (now === undefined) throw new Error('The watcher does not see the room any more.');
    await watcher.caughtUp(roomId, now.seen.seq);
    const events = watcher.record.heard(roomId).filter(({ seq }) => seq > before.room.seq);
    let after: RoomPicture | undefined = before;
    for (const event of events) after = applied(after, event, user.id);
    expect(after && shownOf(after, user.id)).toEqual(now);
    this.picture = pictureOf(now);
    return events.length > 0;
  }

  /** Somebody's account ends, be he the owner or not. */
  async endAccount(of: ChatClient): Promise<void> {
    const { watcher, roomId } = this;
    const { seq: since } = this.picture.room;
    await this.rest.get('DELETE', '/users/me', of.user.token);
    const left = () =>
      watcher.record
        .heard(roomId)
        .some((one) => one.type === 'memberLeft' && one.userId === of.user.id && one.seq > since);
    // Who is out of it already changes nothing there. An owner is in it, and hands over as he leaves.
    if (this.isMember(of.user)) await until('he has left the room', left);
    await this.agrees();
  }

  private async do({ kind, who, whom }: Turn): Promise<unknown> {
    const { roomId, rest } = this;
    const owner = this.members.find(({ user }) => user.id === this.picture.room.ownerId) ?? this.watcher;
    const ofMembers = pick(this.members, who) ?? owner;
    // Now and then somebody asks for what only the owner may do.
    const ofOwner = who === 0 ? (pick(this.people, whom) ?? owner) : owner;
    const other = pick(this.others, whom);
    const { token } = ofOwner.user;
    const change = (body: object) => rest.get('PATCH', `/rooms/${roomId}`, token, body);
    switch (kind) {
      case 'send':
        return pick(this.people, who)?.send(roomId, `line ${++this.lines}`);
      case 'post':
        return rest.post(ofMembers.user.token, roomId, { text: `line ${++this.lines}`, metadata: { whom } });
      case 'send again': {
        const message = pick(this.there, whom);
        const sender = this.members.find(({ user }) => user.id === message?.senderId);
        return message && sender?.send(roomId, message.text, { id: message.id });
      }
      case 'read': {
        const seq = Math.max(1, this.picture.room.seq - whom);
        await (who % 2 === 0
          ? this.watcher.ask('read', { roomId, seq })
          : rest.read(this.watcher.user.token, roomId, seq));
        return (this.picture = marked(this.picture, seq));
      }
      case 'reply':
      case 'edit':
      case 'unsay':
      case 'react':
      case 'take back':
        return this.act(kind, who, whom);
      case 'appoint': {
        const role = this.memberOf(other)?.role === 'moderator' ? 'member' : 'moderator';
        return other && rest.updateMember(token, roomId, other.user.id, { role });
      }
      case 'mute': {
        const mutedUntil = this.memberOf(other)?.mutedUntil ? null : '2100-01-01T00:00:00.000Z';
        return other && rest.updateMember(token, roomId, other.user.id, { mutedUntil });
      }
      case 'slow down':
        return change({ slowModeSeconds: this.picture.room.slowModeSeconds === 0 ? 1 : 0 });
      case 'join':
        return pick(this.outsiders, who)?.ask('joinRoom', { roomId });
      case 'join over REST':
        return rest.join(pick(this.outsiders, who)?.user.token ?? token, roomId);
      case 'leave':
        return other?.ask('leaveRoom', { roomId });
      case 'leave over REST':
        return other && rest.remove(other.user.token, roomId, other.user.id);
      case 'add':
        return rest.add(token, roomId, (pick(this.outsiders, whom) ?? ofMembers).user.id);
      case 'remove':
        return other && rest.remove(token, roomId, other.user.id);
      case 'rename':
        return change({ name: `Room ${whom}` });
      case 'open or close':
        return change({
          visibility: this.picture.room.visibility === 'public' && whom < 6 ? 'private' : 'public',
        });
      case 'hand over':
        return change({ ownerId: (pick(this.people, whom) ?? owner).user.id });
    }
  }

  /** What is done to a message, by its sender where only he may, or over the watcher's socket. */
  private async act(kind: Kind, who: number, whom: number): Promise<unknown> {
    const { roomId, rest, watcher } = this;
    const senders = this.there.filter(({ senderId }) =>
      this.members.some(({ user }) => user.id === senderId),
    );
    const message =
      pick(senders, whom) ?? (await rest.post(watcher.user.token, roomId, { text: `line ${++this.lines}` }));
    const { seq, senderId } = message;
    const { token } = (this.members.find(({ user }) => user.id === senderId) ?? watcher).user;
    const reaction = who % 2 === 0 ? '👍' : ':party:';
    switch (kind) {
      case 'reply':
        return rest.post(watcher.user.token, roomId, { text: 'yes', replyTo: seq, mentions: [senderId] });
      case 'edit':
        return rest.edit(token, roomId, seq, { text: `line ${++this.lines}`, mentions: [watcher.user.id] });
      case 'unsay':
        return rest.unsay(token, roomId, seq);
      case 'react':
        await rest.reaction('POST', token, roomId, seq, reaction);
        return watcher.ask('addReaction', { roomId, seq, reaction });
      default:
        await watcher.ask('addReaction', { roomId, seq, reaction });
        return watcher.ask('removeReaction', { roomId, seq, reaction });
    }
  }

  /** Messages that were not deleted. */
  private get there(): readonly MessageNow[] {
    return this.picture.messages.filter(({ deleted }) => !deleted);
  }

  private memberOf(of: ChatClient | undefined): Member | undefined {
    return this.picture.members.find(({ userId }) => userId === of?.user.id);
  }

  private get rest() {
    return this.scene.maru.rest(0);
  }

  private get members(): ChatClient[] {
    return this.people.filter(({ user }) => this.isMember(user));
  }

  private get others(): ChatClient[] {
    return this.members.filter((one) => one !== this.watcher);
  }

  private get outsiders(): ChatClient[] {
    return this.people.filter(({ user }) => !this.isMember(user));
  }

  private isMember({ id }: TestUser): boolean {
    return this.picture.members.some(({ userId }) => userId === id);
  }
}

const pick = <T>(list: readonly T[], choice: number): T | undefined => list[choice % list.length];
