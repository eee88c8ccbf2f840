import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post } from '@nestjs/common';
import {
  logIn,
  type LogIn,
  refresh,
  type Refresh,
  refreshToken,
  type RefreshToken,
  sessionId,
} from '@maru/contracts';
import { ClientAddress, CurrentUser, type Identity, Public } from '@maru/service-kit';
import { LogInService } from './log-in.service';
import { SessionsService } from './sessions.service';

@Controller('api/auth')
export class SessionsController {
  constructor(
    private readonly logIns: LogInService,
    private readonly sessions: SessionsService,
  ) {}

  @Public()
  @Post('login')
  @HttpCode(200)
  logIn(
    @Body({ schema: logIn }) body: LogIn,
    @ClientAddress() address: string,
    @Headers('user-agent') userAgent = '',
  ) {
    return this.logIns.logIn(body, { address, userAgent });
  }

  @Public()
  @Post('refresh')
  @HttpCode(200)
  renew(@Body({ schema: refresh }) body: Refresh) {
    return this.sessions.refresh(body);
  }

  @Public()
  @Post('logout')
  @HttpCode(204)
  logOut(@Body({ schema: refreshToken }) body: RefreshToken) {
    return this.sessions.logOut(body.refreshToken);
  }

  @Get('sessions')
  list(@CurrentUser() user: Identity) {
    return this.sessions.list(user);
  }

  @Delete('sessions/:id')
  async end(@CurrentUser() user: Identity, @Param('id', { schema: sessionId }) id: string) {
    await this.sessions.end(user.userId, id);
    return { id };
  }
}
