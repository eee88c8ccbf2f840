import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { EndedSessions, LOGGER, type Logger, toCodedError } from '@maru/service-kit';
import { CommandsService } from '../commands/commands.service';
import type { Connection } from '../core/connection';
import type { DeviceSession } from './device-session';
import { DeviceSessions } from './device-sessions.service';
import type { Will } from './will';

/** Says what clients left to be said. It goes the way of any message, so the writer decides whether he is a member. */
@Injectable()
export class Wills implements OnModuleDestroy {
  private readonly waiting = new Set<NodeJS.Timeout>();

  constructor(
    private readonly commands: CommandsService,
    private readonly sessions: DeviceSessions,
    @Inject(EndedSessions) private readonly ended: Pick<EndedSessions, 'has'>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleDestroy(): void {
    for (const timer of this.waiting) clearTimeout(timer);
  }

  /** The client is gone without a word. With a delay it has until then to come back, here or elsewhere. */
  left(connection: Connection, session: DeviceSession, will: Will): void {
    const delayMs = Math.min(will.delayMs, session.expirySeconds * 1000, maxTimerMs);
    if (delayMs === 0) return void this.say(connection, will);
    const timer = setTimeout(() => {
      this.waiting.delete(timer);
      void this.sayLater(connection, session, will);
    }, delayMs).unref();
    this.waiting.add(timer);
  }

  private async sayLater(connection: Connection, session: DeviceSession, will: Will): Promise<void> {
    const alone = await this.sessions.isWithout(session).catch(() => false);
    if (alone) await this.say(connection, will);
  }

  private async say(connection: Connection, { message }: Will): Promise<void> {
    const { userId, expiresAt } = connection.identity;
    if (expiresAt * 1000 <= Date.now() || this.ended.has(connection.identity)) return;
    try {
      await this.commands.sendMessage(connection, message);
    } catch (error) {
      this.logger.info({
        event: 'will_not_said',
        userId,
        roomId: message.roomId,
        code: toCodedError(error).code,
      });
    }
  }
}

const maxTimerMs = 2 ** 31 - 1;
