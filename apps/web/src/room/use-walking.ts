import { useEffect, useState } from 'preact/hooks';
import type { RefObject } from 'preact';
import type { Row } from './rows';
import type { VirtualRows } from './use-virtual-rows';

const steps: Record<string, number> = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity };

interface Walking {
  scroller: RefObject<HTMLElement | null>;
  virtual: VirtualRows;
  rows: readonly Row[];
  /** Esc leads out. */
  onLeave: () => void;
}

/** One message can be reached with Tab, the newest at first; the arrow keys go from message to message. */
export function useWalking({ scroller, virtual, rows, onLeave }: Walking) {
  const [at, setAt] = useState<string>();
  const [wanted, setWanted] = useState<string>();
  const last = rows.findLast(({ kind }) => kind === 'message')?.key;
  const reachable = at !== undefined && isInPage(virtual, rows, at) ? at : last;

  useEffect(() => {
    if (wanted === undefined) return;
    articleOf(scroller.current, wanted)?.focus({ preventScroll: true });
    setWanted(undefined);
  }, [wanted]);

  const walkTo = (index: number): void => {
    const row = rows[index];
    if (row === undefined) return;
    virtual.scrollToIndex(index, { align: 'auto' });
    setAt(row.key);
    setWanted(row.key);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') return onLeave();
    const step = steps[event.key];
    if (step === undefined || !(event.target instanceof HTMLElement) || event.target.tagName !== 'ARTICLE')
      return;
    event.preventDefault();
    const from = rows.findIndex(({ key }) => key === reachable);
    walkTo(nextMessage(rows, from, step));
  };
  const onFocusIn = ({ target }: FocusEvent): void => {
    const key = target instanceof Element ? target.closest('li')?.dataset.key : undefined;
    if (key !== undefined) setAt(key);
  };
  return { reachable, onKeyDown, onFocusIn };
}

const isInPage = (virtual: VirtualRows, rows: readonly Row[], key: string): boolean =>
  virtual.getVirtualItems().some(({ index }) => rows[index]?.key === key);

const articleOf = (scroller: HTMLElement | null, key: string): HTMLElement | null =>
  scroller?.querySelector<HTMLElement>(`li[data-key="${CSS.escape(key)}"] > article`) ?? null;

function nextMessage(rows: readonly Row[], from: number, step: number): number {
  if (step === Infinity) return rows.findLastIndex(({ kind }) => kind === 'message');
  if (step === -Infinity) return rows.findIndex(({ kind }) => kind === 'message');
  let index = from + step;
  while (rows[index] !== undefined && rows[index]?.kind !== 'message') index += step;
  return index;
}
