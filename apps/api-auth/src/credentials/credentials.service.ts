import { Injectable } from '@nestjs/common';
import { CodedError, type PutCredential } from '@maru/contracts';
import { PasswordHasher } from '@maru/service-kit';
import { type Credential, CredentialsRepository } from './credentials.repository';

@Injectable()
export class CredentialsService {
  constructor(
    private readonly credentials: CredentialsRepository,
    private readonly hasher: PasswordHasher,
  ) {}

  /**
   * Stores the credential of an attempt to sign up, in the place of a lower attempt with the same e-mail.
   * The same attempt with the same password may come any number of times.
   */
  async put(userId: string, { email, password, attempt }: PutCredential): Promise<void> {
    let there = await this.credentials.findByEmail(email);
    if (there === undefined || there.attempt < attempt) {
      const passwordHash = await this.hasher.hash(password);
      if (await this.credentials.put({ userId, email, attempt, passwordHash })) return;
      there = await this.credentials.findByEmail(email);
    }
    const same = there?.userId === userId && there.attempt === attempt;
    if (!same || !(await this.hasher.verify(there?.passwordHash, password))) {
      throw new CodedError('signup_in_progress');
    }
  }

  /** @throws CodedError `invalid_credentials`, after the same time whether the e-mail is known or not. */
  async check(email: string, password: string): Promise<Credential> {
    return this.mustMatch(await this.credentials.findByEmail(email), password);
  }

  /** @throws CodedError `invalid_credentials` */
  async checkUser(userId: string, password: string): Promise<Credential> {
    return this.mustMatch(await this.credentials.findByUser(userId), password);
  }

  private async mustMatch(credential: Credential | undefined, password: string): Promise<Credential> {
    const right = await this.hasher.verify(credential?.passwordHash, password);
    if (credential === undefined || !right) throw new CodedError('invalid_credentials');
    return credential;
  }
}
