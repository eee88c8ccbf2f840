import { Inject, Injectable } from '@nestjs/common';
import { CodedError, type ReadyRoom } from '@maru/contracts';
import {
  addressKey,
  type Identity,
  LOGGER,
  type Logger,
  type RateLimit,
  RateLimits,
  TokenVerifier,
} from '@maru/service-kit';
import type { Connection } from '../core/connection';
import { Drain, sendAway, spreadMs } from '../core/drain.service';
import type { Link } from '../core/link';
import { OpeningService } from '../core/opening.service';
import { Registry } from '../core/registry';
import { GATEWAY_ENV, type GatewayEnv } from '../gateway.config';

export interface Arrived {
  connection: Connection;
  opened: Promise<void>;
}

/** How clients come in, whatever the protocol: how often an address may, by what token, and into which rooms. */
@Injectable()
export class Arrivals {
  private readonly limit: RateLimit;

  constructor(
    private readonly verifier: TokenVerifier,
    private readonly registry: Registry,
    private readonly opening: OpeningService,
    private readonly drain: Drain,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(GATEWAY_ENV) env: Pick<GatewayEnv, 'ADDRESS_CONNECTIONS_PER_MINUTE'>,
    limits: RateLimits,
  ) {
    this.limit = limits.limit('address_connections', env.ADDRESS_CONNECTIONS_PER_MINUTE, 60);
  }

  /** Before anything is read of a client. @throws CodedError `unavailable` while this gateway ends, `rate_limited`. */
  async knock(address: string): Promise<void> {
    if (this.drain.ending) throw new CodedError('unavailable');
    await this.limit.take(addressKey(address));
  }

  /** @throws CodedError as the token is none, or none any more. */
  verify(token: string): Promise<Identity> {
    return this.verifier.verify(token);
  }

  /**
   * The user has this connection from now on; `resume`: the last seq by room, and whether it is `whole`. What
   * follows is delivered to `link`.
   * `opened` resolves when it is ready, or closed.
   */
  enter(identity: Identity, link: Link, resume: Record<string, number>, whole = false): Arrived {
    const connection = this.registry.add(identity, link);
    // Who knocked in time may come in when nobody looks for those who are left any more.
    if (this.drain.ending) sendAway(connection, spreadMs);
    const opened = this.opening.open(connection, resume, whole).catch((error: unknown) => {
      this.logger.error({ event: 'opening_failed', userId: identity.userId, err: error });
      connection.end('unavailable');
    });
    return { connection, opened };
  }

  /** A connection that is ready begins to hear a room it is in: from `after` on when it had it before. */
  hear(
    connection: Connection,
    roomId: string,
    after: number | undefined,
    begin: () => void,
  ): Promise<ReadyRoom> {
    return this.opening.hear(connection, roomId, after, begin);
  }

  /** Begins to hear what is for its user, where its protocol has it subscribe. */
  listens(connection: Connection): void {
    this.registry.listens(connection);
  }

  /** The link is gone. */
  left(connection: Connection): void {
    this.registry.remove(connection);
  }
}
