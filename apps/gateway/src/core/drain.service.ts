import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { LOGGER, type Logger } from '@maru/service-kit';
import { GATEWAY_ENV, type GatewayEnv } from '../gateway.config';
import { Registry } from './registry';

/**
 * The end of the process as clients see it: no new connections, what has been asked is answered within half of
 * SHUTDOWN_TIMEOUT_MS, then every client is told `closing shutdown` and may come back elsewhere.
 */
@Injectable()
export class Drain implements OnModuleDestroy {
  draining = false;

  constructor(
    private readonly registry: Registry,
    @Inject(GATEWAY_ENV) private readonly env: Pick<GatewayEnv, 'SHUTDOWN_TIMEOUT_MS'>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Runs while Kafka is still there. */
  async onModuleDestroy(): Promise<void> {
    this.draining = true;
    const deadline = Date.now() + this.env.SHUTDOWN_TIMEOUT_MS / 2;
    for (let open = [...this.registry.all()]; open.length > 0; open = [...this.registry.all()]) {
      const late = Date.now() >= deadline;
      this.logger.debug({ event: 'draining', connections: open.length });
      for (const connection of open) if (late || connection.outstanding === 0) connection.end('shutdown');
      await delay(10);
    }
    // What was written last leaves the process before its sockets are closed.
    await delay(Math.min(200, this.env.SHUTDOWN_TIMEOUT_MS / 10));
  }
}
