import type { ChatMessage, Room } from '@maru/client';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

/** What the parts of an open room share. */
export interface RoomView {
  room: Room;
  /** Whether the user may delete what others say. */
  moderates: boolean;
  /** The message that was jumped to. */
  flashed: number | undefined;
  /** One of those that were read. */
  find: (seq: number) => ChatMessage | undefined;
  /** Brings a message into view. */
  open: (seq: number) => void;
  answer: (message: ChatMessage) => void;
  edit: (message: ChatMessage) => void;
  remove: (message: ChatMessage) => void;
}

export const RoomViewContext = createContext<RoomView | undefined>(undefined);

export function useRoomView(): RoomView {
  const view = useContext(RoomViewContext);
  if (view === undefined) throw new Error('No room is open here.');
  return view;
}
