import type { IncomingMessage } from 'node:http';
import { CodedError, maxPayloadBytes } from '@maru/contracts';

/**
 * A request's body as it came, never parsed; kept whole so that it can be sent again to another address.
 * @throws CodedError `payload_too_large`
 */
export function wholeBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxPayloadBytes) chunks.push(chunk);
      else reject(new CodedError('payload_too_large'));
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('close', () => reject(new CodedError('unavailable')));
  });
}
