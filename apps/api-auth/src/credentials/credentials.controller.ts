import { Body, Controller, Param, Put } from '@nestjs/common';
import { putCredential, type PutCredential, userId } from '@maru/contracts';
import { Internal } from '@maru/service-kit';
import { CredentialsService } from './credentials.service';

/** For api-users: the second step of a sign-up. */
@Internal()
@Controller('internal/credentials')
export class CredentialsController {
  constructor(private readonly credentials: CredentialsService) {}

  @Put(':userId')
  async put(
    @Param('userId', { schema: userId }) id: string,
    @Body({ schema: putCredential }) body: PutCredential,
  ) {
    await this.credentials.put(id, body);
    return { userId: id };
  }
}
