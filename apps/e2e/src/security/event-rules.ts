import type { ClientEvent } from '@maru/contracts';
import type { EventRule, Trial } from './rules';

const inRoom = ({ room }: Trial) => ({ roomId: room.id });
const owners = { public: 'owner', private: 'owner', direct: 'owner' } as const;
const moderators = {
  public: 'not_a_moderator',
  private: 'not_a_moderator',
  direct: 'not_the_sender',
} as const;
const ofMessage = ({ room }: Trial) => ({ roomId: room.id, seq: room.textSeq });
const members = { public: 'member', private: 'member', direct: 'member' } as const;

/** What may be asked over sockets: the compiler wants a rule for every client event of the contracts. */
export const eventRules: Record<ClientEvent, readonly EventRule[]> = {
  joinRoom: [{ least: { ...members, public: 'user' }, ask: inRoom }],
  leaveRoom: [{ least: { ...members, direct: 'never' }, owner: 'owner_must_hand_over', ask: inRoom }],
  sendMessage: [{ least: members, ask: (trial) => ({ ...inRoom(trial), text: 'hello' }) }],
  editMessage: [
    {
      what: "the owner's message",
      least: owners,
      member: 'not_the_sender',
      ask: (trial) => ({ ...ofMessage(trial), text: 'edited' }),
    },
  ],
  deleteMessage: [
    {
      what: "the owner's message",
      least: { ...owners, public: 'moderator', private: 'moderator' },
      member: moderators,
      ask: ofMessage,
    },
    {
      what: 'of his own',
      least: members,
      ask: ({ room, asker, owner }) => ({
        roomId: room.id,
        seq: asker === owner ? room.textSeq : room.memberSeq,
      }),
    },
  ],
  addReaction: [{ least: members, ask: (trial) => ({ ...ofMessage(trial), reaction: '👍' }) }],
  removeReaction: [{ least: members, ask: (trial) => ({ ...ofMessage(trial), reaction: '👍' }) }],
  read: [{ least: members, outsider: 'not_a_member', ask: (trial) => ({ ...inRoom(trial), seq: 1 }) }],
  typing: [{ least: members, outsider: 'not_a_member', ask: inRoom }],
  presence: [{ least: 'user', ask: () => ({ state: 'away' }) }],
  authenticate: [
    { what: 'with his own token', least: 'user', ask: ({ asker }) => ({ token: asker?.token }) },
    {
      what: "with the owner's token",
      least: 'owner',
      outsider: 'forbidden',
      ask: ({ owner }) => ({ token: owner.token }),
    },
  ],
};
