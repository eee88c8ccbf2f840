import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { LOGGER, type Logger } from '@maru/service-kit';
import { DevicesRepository } from '../devices/devices.repository';
import { MailboxRepository } from '../mailbox/mailbox.repository';
import { NotificationsRepository } from '../notifications/notifications.repository';
import { RetentionService } from '../retention/retention.service';
import { WriterRepository } from '../writer/writer.repository';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Deletes from the store what nobody asks for any more. What fails is tried again at the next turn. */
@Injectable()
export class ForgettingService implements OnApplicationBootstrap, OnModuleDestroy {
  private timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly writer: WriterRepository,
    private readonly devices: DevicesRepository,
    private readonly mailbox: MailboxRepository,
    private readonly notifications: NotificationsRepository,
    private readonly retention: RetentionService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timers = [
      this.every(hourMs, 'command ids', () => this.writer.forgetOldCommandIds()),
      this.every(hourMs, 'devices', () => this.devices.forgetExpired()),
      this.every(hourMs, 'absences', () => this.mailbox.forgetOld()),
      this.every(10 * minuteMs, 'history', () => this.retention.turn()),
      this.every(minuteMs, 'notified', () => this.notifications.forgetOld()),
    ];
  }

  onModuleDestroy(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  private every(ms: number, what: string, forget: () => Promise<void>): NodeJS.Timeout {
    const turn = (): void => {
      forget().catch((error: unknown) => this.logger.warn({ event: 'forget_failed', what, err: error }));
    };
    return setInterval(turn, ms).unref();
  }
}
