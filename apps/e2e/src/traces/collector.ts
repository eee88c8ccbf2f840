import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type SeenSpan, spansIn } from './otlp-reader';

/** A collector, as far as an exporter of OTLP over HTTP can tell. */
export class Collector {
  readonly spans: SeenSpan[] = [];
  /** Takes what is sent, and never answers. */
  hangs = false;
  /** How often something came while it hung. */
  ignored = 0;

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => void this.take(request, response));
  }

  static async start(): Promise<Collector> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Collector(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  ofTrace(traceId: string): SeenSpan[] {
    return this.spans.filter((span) => span.traceId === traceId);
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts = (await request.toArray()) as Buffer[];
    if (this.hangs) return void this.ignored++;
    if (request.url !== '/v1/traces' || request.headers['content-type'] !== 'application/x-protobuf')
      return void response.writeHead(404).end();
    this.spans.push(...spansIn(Buffer.concat(parts)));
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  }
}

/** A trace below the span of this id: each step indented below the one that it came of. */
export function treeOf(spans: readonly SeenSpan[], parentId: string): string[] {
  return spans
    .filter((span) => span.parentId === parentId)
    .map((span) => [lineOf(span), ...treeOf(spans, span.id).map((line) => `  ${line}`)])
    .sort(([one = ''], [other = '']) => one.localeCompare(other))
    .flat();
}

function lineOf({ service, name, attributes, failed }: SeenSpan): string {
  const connections = attributes['maru.connections'];
  return [
    service,
    name,
    ...(connections === undefined ? [] : [`to ${connections}`]),
    ...(failed ? ['!'] : []),
  ].join(' ');
}
