import { Controller, Get, Header } from '@nestjs/common';
import { Public } from '@maru/service-kit';
import { KeysService } from './keys.service';

@Public()
@Controller('api/auth/.well-known')
export class KeysController {
  constructor(private readonly keys: KeysService) {}

  /** With these anybody verifies access tokens without asking. */
  @Get('jwks.json')
  @Header('cache-control', 'public, max-age=60')
  keySet() {
    return this.keys.keySet();
  }
}
