import { CodedError } from '@maru/contracts';

/** The same words for one whom nobody knows and one who has blocked the asker: the answer does not tell which. */
export const noSuchUser = (id: string): CodedError =>
  new CodedError('user_not_found', `There is no user ${id}.`);
