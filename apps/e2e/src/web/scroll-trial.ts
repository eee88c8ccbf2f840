import type { PlainDoor } from '../doors/plain.client';
import { eachOf } from '../support/user';
import type { PageUser } from './page-user';

const lengths = [20, 60, 140, 15, 320, 45];
const words = 'so it was said in the room that the tea would be ready when the water had boiled twice ';

/** Messages of many heights. */
export async function fill(door: PlainDoor, count: number): Promise<void> {
  const ids = Array.from({ length: count }, (_, index) => index);
  await eachOf(ids, 40, async (index) => {
    const length = lengths[index % lengths.length] ?? 20;
    await door.send(`m${index}`, `${index}: ${words.repeat(4).slice(0, length)}`);
  });
}

export interface Scroll {
  /** How long each frame took, in ms. */
  frames: number[];
  /** The most rows that were in the page at once. */
  rows: number;
}

/**
 * Scrolls by `step` pixels in each frame until the end in that direction is reached (up: with everything read), and
 * measures meanwhile. A string, as it runs in the page.
 */
export function scroll({ page }: PageUser, step: number, mostMs: number): Promise<Scroll> {
  return page.evaluate<Scroll>(`new Promise((resolve) => {
    const timeline = document.querySelector('.timeline');
    const list = document.querySelector('.rows');
    const head = document.querySelector('.timeline-head');
    const frames = [];
    let [rows, still, last] = [0, 0, performance.now()];
    const end = last + ${mostMs};
    const frame = (now) => {
      frames.push(now - last);
      last = now;
      rows = Math.max(rows, list.children.length);
      const before = timeline.scrollTop;
      timeline.scrollTop += ${step};
      still = timeline.scrollTop === before ? still + 1 : 0;
      const reading = ${step < 0} && head.textContent.startsWith('Loading');
      if (now > end || (still > 90 && !reading)) resolve({ frames: frames.slice(1, -90), rows });
      else requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  })`);
}

export const p95 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? 0;
