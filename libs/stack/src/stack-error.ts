/** Something a person can put right: the message is one sentence with the remedy, and no stack is shown. */
export class StackError extends Error {
  override name = 'StackError';
}
