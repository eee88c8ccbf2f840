import { z } from 'zod';

/** Scheme, host and port, as a browser sends it: no path, no slash at its end, no wildcard. */
const anOrigin = /^[a-z][a-z0-9+.-]*:\/\/[^\s/*?#@A-Z]+$/;

/** The setting: origins separated by commas, or `*`. */
export const originsSetting = z
  .string()
  .transform((origins) => origins.split(',').map((origin) => origin.trim()))
  .refine(
    (origins) => origins.every((origin) => origin === '*' || anOrigin.test(origin)),
    'exact origins such as https://chat.example.org, separated by commas, or *',
  );

/** As the cors package takes it. */
export const corsOrigin = (origins: readonly string[]): '*' | string[] =>
  origins.includes('*') ? '*' : [...origins];

/**
 * Whether a page of this origin may open a connection: letter by letter one of the list. Browsers hold no
 * WebSocket against CORS. Apps and devices send no origin, and may.
 */
export const originAllowed = (origins: readonly string[], origin: string | undefined): boolean =>
  origin === undefined || origins.includes('*') || origins.includes(origin);
