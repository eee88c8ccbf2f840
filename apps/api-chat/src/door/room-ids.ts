import { v5 } from 'uuid';

const rooms = 'a6d2a9b0-6a52-4c1e-9f2b-6f0f6c7f6a01';
const direct = '0d6f1f5e-5b0c-4f7d-8a39-2f8f4a8f2b02';

/** The room that `creator` makes under his own `id`: the same for a retry, so that it makes no second room. */
export const roomIdOf = (creator: string, id: string): string => v5(`${creator}/${id}`, rooms);

/** The one direct room of two users, whoever writes first. */
export const directRoomIdOf = (one: string, other: string): string =>
  v5([one, other].sort().join('/'), direct);
