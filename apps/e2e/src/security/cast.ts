import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import type { Rest } from '../support/rest';
import { until } from '../support/until';
import { newUsers, type TestUser } from '../support/user';
import type { Role, RoomKind, Trial } from './rules';

/** A room that was made for one trial. `seq`: where it stands before it. */
export interface TrialRoom {
  id: string;
  kind: RoomKind;
  name: string;
  /** What was said in it. */
  text: string;
  seq: number;
  /** Where the owner's text stands, and a word of the member's. */
  textSeq: number;
  memberSeq: number;
  /** Where the former member left. */
  leftSeq: number;
}

export const sessionOf = (token: string): string => String(decodeJwt(token)['sid']);

/** One user for each role, and rooms to try the rules on. */
export class Cast {
  /** For those who are refused before anybody looks at the room. */
  private readonly untouched = new Map<RoomKind, TrialRoom>();

  private constructor(
    private readonly rest: Rest,
    readonly users: Record<Exclude<Role, 'nobody'> | 'third' | 'other', TestUser>,
  ) {}

  static async make(rest: Rest): Promise<Cast> {
    const names = [
      ...(['deleted', 'stranger', 'former', 'member', 'moderator', 'owner', 'third', 'other'] as const),
    ];
    const made = await newUsers(rest, names);
    const users = Object.fromEntries(made.map((user) => [user.name, user])) as Cast['users'];
    await rest.get('DELETE', '/users/me', users.deleted.token);
    const cast = new Cast(rest, users);
    await cast.hearsOfTheEnd(users.deleted.token);
    return cast;
  }

  /** Every service has heard that the session is over. */
  private async hearsOfTheEnd(token: string): Promise<void> {
    for (const path of ['/users/me', '/auth/sessions', '/rooms']) {
      const code = async () => (await this.rest.ask<{ code?: string }>('GET', path, token)).body.code;
      await until(`${path} refuses a deleted user`, async () => (await code()) === 'session_ended');
    }
  }

  /** Somebody who has left is in no direct room: nobody leaves one. Nor has anybody a say there. */
  static rolesIn(kind: RoomKind): Role[] {
    const roles: Role[] = ['nobody', 'deleted', 'stranger', 'member', 'owner'];
    return kind === 'direct' ? roles : [...roles, 'former', 'moderator'];
  }

  userOf(role: Role): TestUser | undefined {
    return role === 'nobody' ? undefined : this.users[role];
  }

  async trial(role: Role, kind: RoomKind, asker = this.userOf(role)): Promise<Trial> {
    const { owner, member, third, other } = this.users;
    const outside = role === 'stranger' || role === 'former';
    const newcomer = outside && asker !== undefined ? asker : other;
    const ownersSession = async () => {
      const { accessToken, refreshToken } = await this.rest.logIn(owner.email, owner.password);
      return { refreshToken, sessionId: sessionOf(accessToken) };
    };
    const askedByThird = async (whom: TestUser | undefined) => {
      if (whom) await this.rest.get('POST', '/users/me/friends', third.token, { userIds: [whom.id] });
    };
    const room =
      role === 'nobody' || role === 'deleted' ? await this.untouchedRoom(kind) : await this.room(kind, role);
    return { asker, owner, member, third, newcomer, askedByThird, ownersSession, room };
  }

  /** Where the room stands, as its owner sees it; 0 when it is gone. */
  async seqOf(roomId: string): Promise<number> {
    const answer = await this.rest.ask<{ seq?: number }>('GET', `/rooms/${roomId}`, this.users.owner.token);
    return answer.body.seq ?? 0;
  }

  private async untouchedRoom(kind: RoomKind): Promise<TrialRoom> {
    const room = this.untouched.get(kind) ?? (await this.room(kind));
    this.untouched.set(kind, room);
    return { ...room, seq: await this.seqOf(room.id) };
  }

  private async room(kind: RoomKind, role?: Role): Promise<TrialRoom> {
    const { owner, member, moderator, third, former } = this.users;
    const [name, text] = [`name-${randomUUID()}`, `text-${randomUUID()}`];
    if (kind === 'direct') {
      const { roomId: id, seq: textSeq } = await this.rest.direct(owner.token, member.id, { text });
      const { seq } = await this.rest.post(member.token, id, { text });
      return { id, kind, name, text, seq, textSeq, memberSeq: seq, leftSeq: 0 };
    }
    const moderates = role === 'moderator';
    const memberIds = [member.id, third.id, former.id, ...(moderates ? [moderator.id] : [])];
    const { id } = await this.rest.createRoom(owner.token, { name, visibility: kind, memberIds });
    if (moderates)
      await this.rest.get('PATCH', `/rooms/${id}/members/${moderator.id}`, owner.token, { role });
    const left = await this.rest.remove(former.token, id, former.id);
    const { seq: memberSeq } = await this.rest.post(member.token, id, { text });
    const { seq } = await this.rest.post(owner.token, id, { text });
    return { id, kind, name, text, seq, textSeq: seq, memberSeq, leftSeq: left.seq };
  }
}
