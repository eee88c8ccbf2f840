import { Body, Controller, Post } from '@nestjs/common';
import { type OwnUser, signUp, type SignUp } from '@maru/contracts';
import { ClientAddress, Public } from '@maru/service-kit';
import { SignUpService } from './sign-up.service';

@Controller('api/users')
export class SignUpController {
  constructor(private readonly signUps: SignUpService) {}

  @Public()
  @Post()
  signUp(@Body({ schema: signUp }) body: SignUp, @ClientAddress() address: string): Promise<OwnUser> {
    return this.signUps.signUp(body, address);
  }
}
