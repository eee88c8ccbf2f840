import type { Room } from '@maru/client';
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { useHere } from '../session/here';
import type { Row } from './rows';
import type { VirtualRows } from './use-virtual-rows';

/** Older messages are asked for before one gets there. */
const nearTopPx = 1500;
const nearEndPx = 80;

interface Scrolling {
  scroller: RefObject<HTMLElement | null>;
  virtual: VirtualRows;
  rows: readonly Row[];
  opened: boolean;
  room: Room;
  older: () => Promise<void>;
  onAtEnd: (atEnd: boolean) => void;
}

/** Begins at the line above the unread, or at the end; stays at the end while it is there; reads older pages in time. */
export function useScrolling({ scroller, virtual, rows, opened, room, older, onAtEnd }: Scrolling): {
  onScroll: () => void;
} {
  const { maru } = useHere();
  const placed = useRef(false);
  const reading = useRef(false);
  const atEnd = useRef(false);

  const onScroll = (): void => {
    const element = scroller.current;
    if (element === null || !placed.current) return;
    const { scrollTop, scrollHeight, clientHeight } = element;
    const now = scrollHeight - scrollTop - clientHeight < nearEndPx;
    onAtEnd((atEnd.current = now));
    if (scrollTop > nearTopPx || reading.current || !room.hasOlder) return;
    reading.current = true;
    void older().finally(() => (reading.current = false));
  };

  useLayoutEffect(() => {
    if (rows.length === 0) {
      placed.current = false;
      // What is not there is not seen.
      onAtEnd((atEnd.current = false));
    }
    if (rows.length === 0 || !opened || placed.current) return;
    placed.current = true;
    const line = rows.findIndex(({ kind }) => kind === 'unread');
    // If all of it is in view, the next frame finds the end there.
    onAtEnd((atEnd.current = line < 0));
    if (line < 0) virtual.scrollToEnd();
    else virtual.scrollToIndex(line, { align: 'start' });
  }, [rows.length === 0, opened]);

  // There may be room for more than a page, or it was asked for without a connection.
  useEffect(() => {
    const frame = requestAnimationFrame(onScroll);
    return () => cancelAnimationFrame(frame);
  }, [rows, opened]);
  useEffect(() => maru.on('state', ({ state }) => state === 'online' && onScroll()), [maru]);

  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    // A composer that grows, or a keyboard that comes up, hides nothing.
    const observer = new ResizeObserver(() => atEnd.current && placed.current && virtual.scrollToEnd());
    observer.observe(element);
    return () => observer.disconnect();
  }, [virtual]);
  return { onScroll };
}
