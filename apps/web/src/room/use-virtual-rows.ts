import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualizerOptions,
} from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useLayoutEffect, useReducer, useState } from 'preact/hooks';
import type { Row } from './rows';

export type VirtualRows = Virtualizer<HTMLElement, HTMLElement>;

/** Room above the rows for what says that there are older ones. */
export const headPx = 56;
const endPx = 12;

/** How high a row will be, about: it is measured once it is there. */
function estimate(row: Row | undefined): number {
  if (row?.kind !== 'message') return 44;
  const lines = row.message.text.split('\n').reduce((sum, line) => sum + 1 + Math.floor(line.length / 90), 0);
  return (row.first ? 42 : 6) + lines * 22;
}

/** Which rows are in the page, and where: those in view and a few around. Rows put in front move nothing. */
export function useVirtualRows(scroller: RefObject<HTMLElement | null>, rows: readonly Row[]): VirtualRows {
  const [, again] = useReducer<number, void>((count) => count + 1, 0);
  const options: VirtualizerOptions<HTMLElement, HTMLElement> = {
    count: rows.length,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => rows[index]?.key ?? index,
    estimateSize: (index) => estimate(rows[index]),
    overscan: 12,
    paddingStart: headPx,
    paddingEnd: endPx,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: 80,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange: () => again(),
  };
  const [virtual] = useState(() => new Virtualizer(options));
  virtual.setOptions(options);
  useLayoutEffect(() => virtual._didMount(), []);
  useLayoutEffect(() => virtual._willUpdate());
  return virtual;
}
