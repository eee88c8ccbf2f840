import type { ErrorBody } from '@maru/contracts';
import type { WebSocket } from 'ws';
import type { Frames } from '../core/frames';
import type { Closing } from '../core/link';
import { textFrames } from '../websocket/text-frames';
import { WebSocketLink } from '../websocket/websocket.link';
import { type Headers, stompFrame } from './stomp-frames';
import type { Subscriptions } from './subscriptions';

/** A STOMP client's side of a connection. */
export class StompLink extends WebSocketLink {
  override readonly door = 'stomp';
  constructor(socket: WebSocket, subscriptions: Subscriptions) {
    super(socket, { encoder: (roomId) => subscriptions.encoder(roomId), closing });
  }

  frame(command: string, headers: Headers, body?: string): number {
    return this.write(textFrames([stompFrame(command, headers, body)]));
  }
}

/** An ERROR has the code in a header and the whole of it, as everywhere, in its body. */
export const errorHeaders = (
  { code, message, retryable, retryAfterMs }: ErrorBody,
  receipt?: string,
): Headers => ({
  message,
  code,
  retryable: String(retryable),
  'retry-after-ms': retryAfterMs,
  'receipt-id': receipt,
});

function closing(closing: Closing): Frames {
  const { code, reconnect, retryAfterMs } = closing;
  const headers = { message: code, code, reconnect: String(reconnect), 'retry-after-ms': retryAfterMs };
  return textFrames([stompFrame('ERROR', headers, JSON.stringify(closing))]);
}
