import type { StreamCommandType } from '@maru/contracts';
import { eventRules } from './event-rules';
import type { EventRule } from './rules';

/**
 * What may be asked beside a stream: the compiler wants a rule for every command of the contracts. What is done to messages has the rules
 * that it has over sockets; everything else is about who asks, and nobody else. `logOut` is the last: nothing can be asked after it.
 */
export const commandRules: Record<StreamCommandType, readonly EventRule[]> = {
  sendMessage: eventRules.sendMessage,
  editMessage: eventRules.editMessage,
  deleteMessage: eventRules.deleteMessage,
  addReaction: eventRules.addReaction,
  removeReaction: eventRules.removeReaction,
  presence: eventRules.presence,
  myRooms: [{ least: 'user', ask: () => ({}) }],
  myFriends: [{ least: 'user', ask: () => ({}) }],
  findUsers: [{ least: 'user', ask: () => ({ query: 'own' }) }],
  addFriends: [{ least: 'user', ask: ({ third }) => ({ userIds: [third.id] }) }],
  setStatus: [{ least: 'user', ask: () => ({ statusMessage: 'away' }) }],
  openRoom: [
    { least: 'user', ask: ({ member }) => ({ name: 'Mine', visibility: 'private', memberIds: [member.id] }) },
  ],
  logOut: [{ least: 'user', ask: () => ({}) }],
};
