import { Body, Controller, Post } from '@nestjs/common';
import { type OwnUser, signUp, type SignUp } from '@maru/contracts';
import { Public } from '@maru/service-kit';
import { SignUpService } from './sign-up.service';

@Controller('api/users')
export class SignUpController {
  constructor(private readonly signUps: SignUpService) {}

  @Public()
  @Post()
  signUp(@Body({ schema: signUp }) body: SignUp): Promise<OwnUser> {
    return this.signUps.signUp(body);
  }
}
