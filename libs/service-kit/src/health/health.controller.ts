import { Controller, Get, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Public } from '../auth/access';
import { HealthService } from './health.service';

@Public()
@Controller('health')
export class HealthController {
  constructor(private readonly health: HealthService) {}

  /** The process answers. */
  @Get('live')
  live() {
    return { status: 'ok' };
  }

  /** 200 when all parts are there, else 503 with what is missing. */
  @Get('ready')
  async ready(@Res() response: Response): Promise<void> {
    const report = await this.health.report();
    response
      .status(report.ready ? 200 : 503)
      .json({ status: report.ready ? 'ok' : 'not ready', checks: report.checks });
  }
}
