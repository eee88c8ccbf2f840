import { Controller, Get, HttpCode, Inject, type OnModuleDestroy, Post, Req, Res } from '@nestjs/common';
import { CodedError } from '@maru/contracts';
import { CurrentUser, type Identity, Public } from '@maru/service-kit';
import type { Request, Response } from 'express';
import { FanOut } from '../core/fan-out.service';
import { StoreClient } from '../core/store.client';
import { Arrivals } from '../door/arrivals.service';
import { ClientAddresses } from '../door/client-addresses';
import { GATEWAY_ENV, type GatewayEnv } from '../gateway.config';
import { SseLink } from './sse.link';
import { readStreamId } from './stream-id';
import { Tickets } from './tickets.service';

/** Server-sent events: all that a user's sockets would hear, over plain HTTP. */
@Controller('api/stream')
export class StreamController implements OnModuleDestroy {
  private readonly open = new Set<SseLink>();
  private readonly addresses: ClientAddresses;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly arrivals: Arrivals,
    private readonly tickets: Tickets,
    private readonly store: StoreClient,
    private readonly fanOut: FanOut,
    @Inject(GATEWAY_ENV) env: Pick<GatewayEnv, 'TRUSTED_PROXIES' | 'PING_INTERVAL_MS'>,
  ) {
    this.addresses = new ClientAddresses(env.TRUSTED_PROXIES);
    // Proxies end what is silent for long.
    this.timer = setInterval(() => {
      for (const link of this.open) link.comment();
    }, env.PING_INTERVAL_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  @Post('ticket')
  @HttpCode(201)
  ticket(@CurrentUser() identity: Identity) {
    return this.tickets.issue(identity);
  }

  /** The token is checked here, since a ticket may stand for it. */
  @Public()
  @Get()
  async stream(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.arrivals.knock(
      this.addresses.of({ headers: request.headers, remoteAddress: request.socket.remoteAddress }),
    );
    const identity = await this.identityOf(request);
    const offsets = readStreamId(request.headers['last-event-id'] ?? request.query['lastEventId']);
    const { userId } = identity;
    const stood = await this.store.positions({ userId, ...(offsets && { offsets }) });
    if (response.destroyed) return;
    // Behind a request whose answer is not out yet there is nothing to write to.
    if (response.socket === null)
      throw new CodedError('bad_request', 'A stream needs a connection of its own.');
    begin(response);
    const link = new SseLink(response, this.fanOut, stood.offsets);
    const { connection, opened } = this.arrivals.enter(
      identity,
      link,
      Object.fromEntries(stood.rooms),
      offsets !== undefined,
    );
    this.open.add(link);
    response.on('close', () => {
      this.open.delete(link);
      this.arrivals.left(connection);
    });
    await opened;
    link.connection = connection;
    link.mark();
  }

  private identityOf({ headers, query }: Request): Promise<Identity> {
    const { ticket } = query;
    if (typeof ticket === 'string') return this.tickets.use(ticket);
    const token = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
    if (token === undefined) {
      throw new CodedError(
        'unauthenticated',
        'A Bearer token is needed, or ?ticket= of POST /api/stream/ticket.',
      );
    }
    return this.arrivals.verify(token);
  }
}

/** A body that ends with its connection: what is written needs no framing, so all streams get the same bytes. */
function begin(response: Response): void {
  response.useChunkedEncodingByDefault = false;
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    connection: 'close',
  });
  response.flushHeaders();
  // Not all at the same time after a gateway's end.
  response.socket?.write(`retry: ${1000 + Math.floor(2000 * Math.random())}\n\n`);
}
