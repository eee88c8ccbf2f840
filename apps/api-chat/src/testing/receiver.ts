import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What a webhook speaks to: keeps all that it is sent, and answers as the test says. */
export class Receiver {
  readonly received: Received[] = [];
  /** A status, or nothing at all. */
  answer: () => number | 'nothing' = () => 204;
  private server: Server | undefined;

  get port(): number {
    return (this.server?.address() as AddressInfo).port;
  }

  /** On 127.0.0.1. */
  async start(): Promise<this> {
    this.server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        this.received.push({ path: request.url ?? '', headers: request.headers, body });
        const status = this.answer();
        if (status !== 'nothing') response.writeHead(status, { location: '/elsewhere' }).end();
      });
    });
    await new Promise<void>((resolve) => this.server?.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }
}
