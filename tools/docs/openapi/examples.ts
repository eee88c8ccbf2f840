import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Route } from '@maru/contracts';

/** What a route was asked and what it answered; ids, times, names and secrets were put in other words. */
export interface Example {
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
  status: number;
  /** Left out when there is no body. */
  answer?: unknown;
}
/** By route, such as `post /api/rooms`. */
export type Examples = Record<string, Example>;

export const nameOf = ({ method, path: at }: Pick<Route, 'method' | 'path'>): string => `${method} ${at}`;

/** Recorded by `npm run docs:examples`; apps/e2e/src/docs/examples/examples.int-spec.ts holds them against a real Maru. */
export const examplesFile = path.join(__dirname, 'examples.json');

export const readExamples = (): Examples =>
  existsSync(examplesFile) ? (JSON.parse(readFileSync(examplesFile, 'utf8')) as Examples) : {};
