import type { ClientEvent } from '@maru/contracts';
import type { EventRule, Trial } from './rules';

const inRoom = ({ room }: Trial) => ({ roomId: room.id });
const members = { public: 'member', private: 'member', direct: 'member' } as const;

/** What may be asked over sockets: the compiler wants a rule for every client event of the contracts. */
export const eventRules: Record<ClientEvent, readonly EventRule[]> = {
  joinRoom: [{ least: { ...members, public: 'user' }, ask: inRoom }],
  leaveRoom: [{ least: { ...members, direct: 'never' }, owner: 'owner_must_hand_over', ask: inRoom }],
  sendMessage: [{ least: members, ask: (trial) => ({ ...inRoom(trial), text: 'hello' }) }],
  read: [{ least: members, outsider: 'not_a_member', ask: (trial) => ({ ...inRoom(trial), seq: 1 }) }],
  typing: [{ least: members, outsider: 'not_a_member', ask: inRoom }],
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
