import { Body, Controller, Delete, Get, HttpCode, Post } from '@nestjs/common';
import { type NotificationSettings, type QuietHours, quietHours } from '@maru/contracts';
import { CurrentUser, type Identity } from '@maru/service-kit';
import { QuietHoursRepository } from './quiet-hours.repository';

@Controller('api/notifications')
export class NotificationsController {
  constructor(private readonly quietHours: QuietHoursRepository) {}

  @Get()
  async get(@CurrentUser() { userId }: Identity): Promise<NotificationSettings> {
    return { quietHours: await this.quietHours.of(userId) };
  }

  @Post('quiet-hours')
  @HttpCode(200)
  async setQuietHours(
    @CurrentUser() user: Identity,
    @Body({ schema: quietHours }) body: QuietHours,
  ): Promise<NotificationSettings> {
    await this.quietHours.set(user.userId, body);
    return this.get(user);
  }

  @Delete('quiet-hours')
  async endQuietHours(@CurrentUser() user: Identity): Promise<NotificationSettings> {
    await this.quietHours.end(user.userId);
    return this.get(user);
  }
}
