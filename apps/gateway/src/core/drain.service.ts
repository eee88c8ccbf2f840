import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '@maru/service-kit';
import { GATEWAY_ENV, type GatewayEnv } from '../gateway.config';
import type { Connection } from './connection';
import { CoreMetrics } from './core.metrics';
import { Registry } from './registry';

const sliceMs = 100;
/** Those of a slice come back before the next one, those who are sent away all at once within so long for each of them, at most. */
const eachMs = 2;
export const spreadMs = 2000;
/** How often the log says how many are left. */
const linesOfLog = 10;

type Settings = Pick<GatewayEnv, 'DRAIN_MS' | 'SHUTDOWN_TIMEOUT_MS'>;

/**
 * The end of the process as clients see it. For DRAIN_MS everything goes on, and slice after slice of the connections is
 * told `closing shutdown` and comes back elsewhere. Then nobody is let in and nothing is asked any more: what has been is
 * answered, within half of the time that SHUTDOWN_TIMEOUT_MS leaves, and who is still there is told to go.
 */
@Injectable()
export class Drain {
  /** Nobody comes in any more, and of who is there nothing more is taken. */
  ending = false;

  constructor(
    private readonly registry: Registry,
    private readonly metrics: CoreMetrics,
    @Inject(GATEWAY_ENV) private readonly env: Settings,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Resolves when no client is left. All else of the gateway has to run until then. */
  async run(): Promise<void> {
    const began = performance.now();
    this.metrics.draining.set(1);
    await this.inSlices(began);
    this.ending = true;
    const unanswered = await this.whoIsLeft();
    this.logger.info({ event: 'drained', tookMs: Math.round(performance.now() - began), unanswered });
    // What was written last leaves the process before its sockets are closed.
    await delay(Math.min(200, this.env.SHUTDOWN_TIMEOUT_MS / 10));
  }

  /**
   * Equal shares of those who are there. Who comes meanwhile is let in, and waited for where nobody is left: balancers take a
   * while to notice.
   */
  private async inSlices(began: number): Promise<void> {
    const slices = Math.ceil(this.env.DRAIN_MS / sliceMs);
    for (let left = slices; left > 0; left--) {
      const open = [...this.registry.all()];
      if (left % Math.ceil(slices / linesOfLog) === 0)
        this.logger.info({ event: 'draining', connections: open.length });
      // Who waits for an answer, or for his rooms, goes with a later slice.
      const idle = open.filter(({ outstanding, opening }) => outstanding === 0 && opening === undefined);
      for (const one of idle.slice(0, Math.round(open.length / left))) sendAway(one, sliceMs);
      await delay(Math.max(0, began + (slices - left + 1) * sliceMs - performance.now()));
    }
  }

  /** @returns how many were sent away without an answer that they waited for */
  private async whoIsLeft(): Promise<number> {
    const deadline = Date.now() + (this.env.SHUTDOWN_TIMEOUT_MS - this.env.DRAIN_MS) / 2;
    let unanswered = 0;
    for (let open = [...this.registry.all()]; open.length > 0; open = [...this.registry.all()]) {
      const late = Date.now() >= deadline;
      const going = open.filter(({ outstanding }) => late || outstanding === 0);
      unanswered += going.filter(({ outstanding }) => outstanding > 0).length;
      const withinMs = Math.min(spreadMs, Math.max(sliceMs, eachMs * open.length));
      for (const one of going) sendAway(one, withinMs);
      await delay(10);
    }
    return unanswered;
  }
}

/** Tells a client to come back at some time within so long. */
export const sendAway = (connection: Connection, withinMs: number): void =>
  connection.end('shutdown', Math.floor(withinMs * Math.random()));
