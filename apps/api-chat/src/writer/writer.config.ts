/** The consumer group that shares the partitions of `chat.commands`. */
export const writerGroup = 'api-chat';

/** Injects how many commands are decided and committed at once, at most. */
export const MAX_BATCH = Symbol('max batch');
