import type { Encoder } from '../core/frames';
import { textFrames } from '../websocket/text-frames';

const prefixes = new Map<string, string>();

/** An Engine.IO message (4) that is a Socket.IO event (2) of the main namespace. */
function prefixOf(name: string): string {
  let prefix = prefixes.get(name);
  if (prefix === undefined) prefixes.set(name, (prefix = `42[${JSON.stringify(name)},`));
  return prefix;
}

/**
 * Socket.IO events as whole WebSocket frames, made around the JSON as it is: never parsed and encoded again. For
 * polling the packet is cut out of its frame.
 */
export const socketIoEncoder: Encoder = {
  encode: (events) => textFrames(events.map(({ name, json }) => [prefixOf(name), json, ']'])),
};

/** The Socket.IO packet of a frame made above, without Engine.IO's own `4`, which the engine puts before it. */
export function packetOf(frame: Buffer): string {
  const length = frame[1] ?? 0;
  const header = length < 126 ? 2 : length === 126 ? 4 : 10;
  return frame.toString('utf8', header + 1);
}
