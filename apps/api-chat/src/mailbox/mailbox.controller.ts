import { Controller, Get } from '@nestjs/common';
import type { Mailbox } from '@maru/contracts';
import { CurrentUser, type Identity } from '@maru/service-kit';
import { MailboxRepository } from './mailbox.repository';

@Controller('api/mailbox')
export class MailboxController {
  constructor(private readonly mailbox: MailboxRepository) {}

  @Get()
  async get(@CurrentUser() { userId }: Identity): Promise<Mailbox> {
    return { items: await this.mailbox.of(userId) };
  }
}
