import type { ClosingCode, ErrorBody } from '@maru/contracts';
import { closingTable } from '@maru/contracts';
import type { WebSocket } from 'ws';
import type { Frames } from '../core/frames';
import { textFrames } from '../websocket/text-frames';
import { WebSocketLink } from '../websocket/websocket.link';
import { type Headers, stompFrame } from './stomp-frames';
import type { Subscriptions } from './subscriptions';

/** A STOMP client's side of a connection. */
export class StompLink extends WebSocketLink {
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

function closing(code: ClosingCode): Frames {
  const { reconnect } = closingTable[code];
  const body = JSON.stringify({ code, reconnect });
  return textFrames([stompFrame('ERROR', { message: code, code, reconnect: String(reconnect) }, body)]);
}
