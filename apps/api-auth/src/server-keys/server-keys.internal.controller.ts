import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { checkServerKey, type CheckServerKey } from '@maru/contracts';
import { Internal } from '@maru/service-kit';
import { ServerKeysService } from './server-keys.service';

/** For every app that takes server keys. */
@Internal()
@Controller('internal/server-keys')
export class ServerKeysInternalController {
  constructor(private readonly keys: ServerKeysService) {}

  @Post('check')
  @HttpCode(200)
  check(@Body({ schema: checkServerKey }) shown: CheckServerKey) {
    return this.keys.check(shown);
  }
}
