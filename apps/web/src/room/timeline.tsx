import { useEffect, useMemo, useRef } from 'preact/hooks';
import { DownIcon } from '../parts/icons';
import { dayOf } from '../words';
import { MessageView } from './message';
import { useRoomView } from './room-view';
import type { Row } from './rows';
import { useScrolling } from './use-scrolling';
import { useVirtualRows } from './use-virtual-rows';
import { useWalking } from './use-walking';

interface Props {
  rows: readonly Row[];
  /** Whether the newest page has been read: before that it is not known where the unread begin. */
  opened: boolean;
  /** The message to bring into view; each time another object. */
  target: { seq: number } | undefined;
  /** Counts what the user has sent: then he wants to see it. */
  sent: number;
  atEnd: boolean;
  unread: number;
  older: () => Promise<void>;
  onAtEnd: (atEnd: boolean) => void;
  onLeave: () => void;
}

/** The messages of a room. Only those in view, and some around them, are in the page. */
export function Timeline({ rows, opened, target, sent, atEnd, unread, older, onAtEnd, onLeave }: Props) {
  const { room } = useRoomView();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualRows(scroller, rows);
  const { onScroll } = useScrolling({ scroller, virtual, rows, opened, room, older, onAtEnd });
  const { reachable, onKeyDown, onFocusIn } = useWalking({ scroller, virtual, rows, onLeave });

  useEffect(() => {
    if (sent > 0) virtual.scrollToEnd();
  }, [sent]);
  useEffect(() => {
    const index = rows.findIndex((row) => row.kind === 'message' && row.message.seq === target?.seq);
    if (target !== undefined && index >= 0) virtual.scrollToIndex(index, { align: 'center' });
  }, [target]);

  const items = virtual.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <div class="timeline-frame">
      <div class="timeline" ref={scroller} onScroll={onScroll}>
        <p class="timeline-head quiet">
          {room.hasOlder ? 'Loading earlier messages …' : 'This is where it begins.'}
        </p>
        <ol
          class="rows"
          aria-label="Messages"
          style={{ paddingTop: `${above}px`, paddingBottom: `${below}px` }}
          onKeyDown={onKeyDown}
          onFocusIn={onFocusIn}
        >
          {items.map(({ index, key }) => {
            const row = rows[index];
            return (
              row && (
                <li
                  key={key}
                  data-key={row.key}
                  data-index={index}
                  ref={virtual.measureElement}
                  aria-setsize={room.hasOlder ? -1 : rows.length}
                  aria-posinset={index + 1}
                >
                  <RowContent row={row} reachable={row.key === reachable} />
                </li>
              )
            );
          })}
        </ol>
      </div>
      {!atEnd && rows.length > 0 && (
        <button type="button" class="jump" onClick={() => virtual.scrollToEnd()}>
          <DownIcon />
          {unread > 0 ? `${unread} new` : 'Jump to newest'}
        </button>
      )}
    </div>
  );
}

/** Drawn again only when it reads differently, however often the timeline is while it scrolls. */
function RowContent({ row, reachable }: { row: Row; reachable: boolean }) {
  const message = row.kind === 'message' ? row.message : undefined;
  const first = row.kind === 'message' && row.first;
  const instant = row.kind === 'day' ? row.instant : '';
  return useMemo(() => {
    if (message !== undefined) return <MessageView message={message} first={first} reachable={reachable} />;
    if (row.kind === 'unread') return <p class="line unread-line">New</p>;
    return <p class="line">{dayOf(instant)}</p>;
  }, [row.kind, message, first, reachable, instant]);
}
