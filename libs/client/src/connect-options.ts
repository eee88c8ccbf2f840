import { defaultTiming, type Timing } from './timing';
import { page, type WebSocketClass } from './surroundings';
import type { Store } from './store';
import type { TokenProvider } from './tokens';

export interface ConnectOptions {
  /** Where the gateway is: `https://chat.example.org`. */
  url: string;
  /** An access token, or what gives one whenever another is needed. */
  token: string | TokenProvider;
  /** Where messages that are not sent yet survive a reload; in memory when left out. */
  store?: Store;
  /** Whose token it is, if that is known: then what he left in the store is shown before there is a connection. */
  userId?: string;
  /** Where there is none: that of the package `ws`, for Node below 22. */
  WebSocket?: WebSocketClass;
  fetch?: typeof fetch;
  /** Other times than the usual ones. */
  timing?: Partial<Timing>;
}

/** What was given, and what stands for the rest. @throws Error when it cannot work here */
export function completed(
  options: ConnectOptions,
): ConnectOptions & { WebSocket: WebSocketClass; timing: Timing } {
  const { url, WebSocket = page.WebSocket, timing } = options;
  if (!/^https?:$/.test(new URL(url).protocol)) throw new Error('The url begins with http:// or https://.');
  if (WebSocket === undefined) throw new Error('There is no WebSocket here: hand in that of the package ws.');
  return { ...options, url: url.replace(/\/+$/, ''), WebSocket, timing: { ...defaultTiming, ...timing } };
}
