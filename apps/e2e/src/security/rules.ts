import type { ErrorCode } from '@maru/contracts';
import type { TestUser } from '../support/user';
import type { TrialRoom } from './cast';

/** Who asks: `former` was a member and has left; `deleted` deleted his account, but his token has not run out. */
export type Role = 'nobody' | 'deleted' | 'stranger' | 'former' | 'member' | 'moderator' | 'owner';
export const roomKinds = ['public', 'private', 'direct'] as const;
export type RoomKind = (typeof roomKinds)[number];

/**
 * The least that one must be. `server`: no user, whoever he is, but a back end with its server key. `never`: it is not
 * done to such a room, which its members are told.
 */
export type Least = 'anybody' | 'server' | 'user' | 'member' | 'moderator' | 'owner' | 'never';

export interface Trial {
  asker: TestUser | undefined;
  owner: TestUser;
  member: TestUser;
  /** Another member of public and private rooms. */
  third: TestUser;
  /** In no room: an asker from outside himself, else somebody else. */
  newcomer: TestUser;
  room: TrialRoom;
  /** Makes the third ask this one to be friends. */
  askedByThird: (whom: TestUser | undefined) => Promise<void>;
  /** The tokens of a session that the owner has just begun, and its id. */
  ownersSession: () => Promise<{ refreshToken: string; sessionId: string }>;
}

interface Rule {
  /** Where a name needs several rules: which of them. */
  what?: string;
  /** By the room's kind, where it is about a room. */
  least: Exclude<Least, 'never'> | Record<RoomKind, Least>;
  /** What one from outside is told instead of the room's usual refusal. */
  outsider?: ErrorCode;
  /** What the owner is told, where his part is not that of a member. */
  owner?: ErrorCode;
  /** What a member, or a moderator, is told of what is not his. */
  member?: ErrorCode | Record<RoomKind, ErrorCode>;
}
export interface RouteRule extends Rule {
  route: string;
  /** Parameters of the path, and the body. */
  ask: (trial: Trial) => RouteAsk | Promise<RouteAsk>;
  /** The asker is no good for anything after it: one is made for it. */
  spends?: true;
}
export interface RouteAsk {
  params?: Record<string, string>;
  query?: string;
  body?: unknown;
}
export interface EventRule extends Rule {
  ask: (trial: Trial) => Record<string, unknown>;
}

/** What this rule says of somebody who asks: `done`, or the code of the refusal. */
export function expected(rule: Rule, role: Role, kind: RoomKind): ErrorCode | 'done' {
  const least = typeof rule.least === 'string' ? rule.least : rule.least[kind];
  if (least === 'anybody') return 'done';
  if (least === 'server') return 'unauthenticated';
  if (role === 'nobody') return 'unauthenticated';
  if (role === 'deleted') return 'session_ended';
  if (least === 'user') return 'done';
  const outside =
    role === 'stranger' || role === 'former' || (typeof rule.least === 'string' && role !== 'owner');
  if (outside) return rule.outsider ?? (kind === 'public' ? 'not_a_member' : 'room_not_found');
  if (least === 'never') return 'direct_room';
  if (role === 'owner') return rule.owner ?? 'done';
  if (least === 'member' || least === role) return 'done';
  const { member = 'not_the_owner' } = rule;
  return typeof member === 'string' ? member : member[kind];
}

const all = (least: Least) => ({ public: least, private: least, direct: least });
const members = all('member');
const owners = { ...all('owner'), direct: 'never' } as const;
const moderated = { ...all('moderator'), direct: 'never' } as const;
const open = { public: 'user', private: 'member', direct: 'member' } as const;
const inRoom = ({ room }: Trial) => ({ params: { id: room.id } });
const moderators = {
  public: 'not_a_moderator',
  private: 'not_a_moderator',
  direct: 'not_the_sender',
} as const;
const ofOwner = ({ room }: Trial) => ({ params: { id: room.id, seq: String(room.textSeq) } });
const react = ({ room }: Trial) => ({ params: { id: room.id, seq: String(room.textSeq), reaction: '👍' } });
const ofThird = ({ room, third }: Trial) => ({ params: { id: room.id, userId: third.id } });

/** Every route of the contracts has at least one rule here, or the build fails. */
export const routeRules: readonly RouteRule[] = [
  {
    route: 'post /api/users',
    least: 'anybody',
    ask: () => ({
      body: { email: `${crypto.randomUUID()}@e2e.test`, name: 'New', password: crypto.randomUUID() },
    }),
  },
  { route: 'get /api/users', least: 'user', ask: ({ owner }) => ({ query: `?query=${owner.name}` }) },
  { route: 'get /api/users/me', least: 'user', ask: () => ({}) },
  { route: 'patch /api/users/me', least: 'user', ask: () => ({ body: { statusMessage: 'here' } }) },
  { route: 'delete /api/users/me', least: 'user', ask: () => ({}), spends: true },
  { route: 'get /api/users/me/friends', least: 'user', ask: () => ({}) },
  {
    route: 'post /api/users/me/friends',
    least: 'user',
    ask: ({ member }) => ({ body: { userIds: [member.id] } }),
  },
  {
    route: 'post /api/users/me/friends/{id}/accept',
    what: 'when the owner was asked',
    least: 'owner',
    outsider: 'not_found',
    ask: async ({ owner, third, askedByThird }) => {
      await askedByThird(owner);
      return { params: { id: third.id } };
    },
  },
  {
    route: 'post /api/users/me/friends/{id}/accept',
    what: 'when he was asked himself',
    least: 'user',
    ask: async ({ asker, third, askedByThird }) => {
      await askedByThird(asker);
      return { params: { id: third.id } };
    },
  },
  {
    route: 'post /api/users/me/friends/{id}/decline',
    least: 'user',
    ask: ({ member }) => ({ params: { id: member.id } }),
  },
  {
    route: 'delete /api/users/me/friends/{id}',
    least: 'user',
    ask: ({ member }) => ({ params: { id: member.id } }),
  },
  { route: 'get /api/users/me/blocks', least: 'user', ask: () => ({}) },
  {
    route: 'post /api/users/me/blocks',
    least: 'user',
    ask: ({ member }) => ({ body: { userId: member.id } }),
  },
  {
    route: 'delete /api/users/me/blocks/{id}',
    least: 'user',
    ask: ({ member }) => ({ params: { id: member.id } }),
  },
  { route: 'get /api/users/{id}', least: 'user', ask: ({ owner }) => ({ params: { id: owner.id } }) },

  { route: 'get /api/stream', least: 'user', ask: () => ({}) },
  { route: 'post /api/stream/ticket', least: 'user', ask: () => ({}) },
  {
    route: 'post /api/commands',
    least: 'user',
    ask: () => ({ body: { id: crypto.randomUUID(), type: 'myRooms' } }),
  },

  {
    route: 'post /api/auth/login',
    least: 'anybody',
    ask: ({ owner: { email, password } }) => ({ body: { email, password } }),
  },
  {
    route: 'post /api/auth/refresh',
    least: 'anybody',
    ask: async ({ ownersSession }) => ({ body: { refreshToken: (await ownersSession()).refreshToken } }),
  },
  {
    route: 'post /api/auth/logout',
    least: 'anybody',
    ask: async ({ ownersSession }) => ({ body: { refreshToken: (await ownersSession()).refreshToken } }),
  },
  {
    route: 'post /api/auth/password',
    least: 'user',
    ask: ({ asker, owner }) => ({
      body: { currentPassword: (asker ?? owner).password, newPassword: crypto.randomUUID() },
    }),
    spends: true,
  },
  {
    route: 'post /api/auth/password',
    what: "with another's password",
    least: 'owner',
    outsider: 'invalid_credentials',
    ask: ({ owner }) => ({ body: { currentPassword: owner.password, newPassword: owner.password } }),
  },
  { route: 'get /api/auth/sessions', least: 'user', ask: () => ({}) },
  {
    route: 'delete /api/auth/sessions/{id}',
    least: 'owner',
    outsider: 'session_not_found',
    ask: async ({ ownersSession }) => ({ params: { id: (await ownersSession()).sessionId } }),
  },
  { route: 'get /api/auth/.well-known/jwks.json', least: 'anybody', ask: () => ({}) },

  {
    route: 'post /api/rooms',
    least: 'user',
    ask: () => ({ body: { name: 'A room', visibility: 'private' } }),
  },
  { route: 'get /api/rooms', least: 'user', ask: () => ({ query: '?limit=100' }) },
  { route: 'get /api/rooms/public', least: 'user', ask: () => ({ query: '?limit=100' }) },
  { route: 'get /api/rooms/{id}', least: open, ask: inRoom },
  {
    route: 'patch /api/rooms/{id}',
    what: 'to rename',
    least: owners,
    ask: (trial) => ({ ...inRoom(trial), body: { name: 'Renamed' } }),
  },
  {
    route: 'patch /api/rooms/{id}',
    what: 'to hand over',
    least: owners,
    ask: (trial) => ({ ...inRoom(trial), body: { ownerId: trial.member.id } }),
  },
  {
    route: 'patch /api/rooms/{id}',
    what: 'to set its slow mode',
    least: moderated,
    member: 'not_a_moderator',
    ask: (trial) => ({ ...inRoom(trial), body: { slowModeSeconds: 5 } }),
  },
  { route: 'delete /api/rooms/{id}', least: owners, ask: inRoom },
  { route: 'get /api/rooms/{id}/members', least: members, ask: inRoom },
  { route: 'get /api/rooms/{id}/presence', least: members, ask: inRoom },
  { route: 'post /api/rooms/{id}/join', least: open, ask: inRoom },
  {
    route: 'post /api/rooms/{id}/members',
    least: { public: 'member', private: 'owner', direct: 'never' },
    ask: (trial) => ({ ...inRoom(trial), body: { userId: trial.newcomer.id } }),
  },
  {
    route: 'delete /api/rooms/{id}/members/{userId}',
    what: 'to leave',
    least: { ...members, direct: 'never' },
    owner: 'owner_must_hand_over',
    ask: ({ asker, room, third }) => ({ params: { id: room.id, userId: (asker ?? third).id } }),
  },
  {
    route: 'delete /api/rooms/{id}/members/{userId}',
    what: 'to remove another',
    least: moderated,
    member: 'not_a_moderator',
    ask: ofThird,
  },
  {
    route: 'patch /api/rooms/{id}/members/{userId}',
    what: 'to make a moderator',
    least: owners,
    ask: (trial) => ({ ...ofThird(trial), body: { role: 'moderator' } }),
  },
  {
    route: 'patch /api/rooms/{id}/members/{userId}',
    what: 'to mute',
    least: moderated,
    member: 'not_a_moderator',
    ask: (trial) => ({ ...ofThird(trial), body: { mutedUntil: '2100-01-01T00:00:00Z' } }),
  },
  {
    route: 'post /api/rooms/{id}/read',
    least: members,
    outsider: 'not_a_member',
    ask: (trial) => ({ ...inRoom(trial), body: { seq: 1 } }),
  },
  { route: 'get /api/mailbox', least: 'user', ask: () => ({}) },
  {
    route: 'post /api/rooms/{id}/mute',
    least: members,
    ask: (trial) => ({ ...inRoom(trial), body: {} }),
  },
  { route: 'delete /api/rooms/{id}/mute', least: 'user', ask: inRoom },
  { route: 'get /api/notifications', least: 'user', ask: () => ({}) },
  {
    route: 'post /api/notifications/quiet-hours',
    least: 'user',
    ask: () => ({ body: { from: '22:00', to: '07:00', timeZone: 'Asia/Seoul' } }),
  },
  { route: 'delete /api/notifications/quiet-hours', least: 'user', ask: () => ({}) },
  {
    route: 'post /api/rooms/{id}/messages',
    least: members,
    ask: (trial) => ({ ...inRoom(trial), body: { text: 'hello' } }),
  },
  {
    route: 'patch /api/rooms/{id}/messages/{seq}',
    what: "of the owner's",
    least: all('owner'),
    member: 'not_the_sender',
    ask: (trial) => ({ ...ofOwner(trial), body: { text: 'edited' } }),
  },
  {
    route: 'delete /api/rooms/{id}/messages/{seq}',
    what: "of the owner's",
    least: { ...all('moderator'), direct: 'owner' },
    member: moderators,
    ask: ofOwner,
  },
  {
    route: 'delete /api/rooms/{id}/messages/{seq}',
    what: 'of his own',
    least: members,
    ask: ({ room, asker, owner }) => ({
      params: { id: room.id, seq: String(asker === owner ? room.textSeq : room.memberSeq) },
    }),
  },
  { route: 'post /api/rooms/{id}/messages/{seq}/reactions/{reaction}', least: members, ask: react },
  { route: 'delete /api/rooms/{id}/messages/{seq}/reactions/{reaction}', least: members, ask: react },
  { route: 'get /api/rooms/{id}/messages', least: members, ask: inRoom },
  { route: 'get /api/rooms/{id}/events', least: members, ask: inRoom },
  {
    route: 'post /api/direct/{userId}/messages',
    least: 'user',
    ask: ({ owner }) => ({ params: { userId: owner.id }, body: { text: 'hello' } }),
  },

  {
    route: 'put /api/server/users/{externalId}',
    least: 'server',
    ask: () => ({ params: { externalId: 'customer-1' }, body: { name: 'Customer' } }),
  },
  {
    route: 'post /api/server/users/{id}/tokens',
    least: 'server',
    ask: ({ owner }) => ({ params: { id: owner.id } }),
  },
  {
    route: 'delete /api/server/users/{id}/sessions',
    least: 'server',
    ask: ({ owner }) => ({ params: { id: owner.id } }),
  },
  {
    route: 'post /api/server/rooms',
    least: 'server',
    ask: ({ owner }) => ({ body: { name: 'Order 1', visibility: 'private', memberIds: [owner.id] } }),
  },
  {
    route: 'patch /api/server/rooms/{id}',
    least: 'server',
    ask: (trial) => ({ ...inRoom(trial), body: { retentionDays: 30 } }),
  },
  {
    route: 'post /api/server/rooms/{id}/members',
    least: 'server',
    ask: (trial) => ({ ...inRoom(trial), body: { userId: trial.newcomer.id } }),
  },
  {
    route: 'post /api/server/rooms/{id}/messages',
    least: 'server',
    ask: (trial) => ({ ...inRoom(trial), body: { text: 'hello' } }),
  },
];
