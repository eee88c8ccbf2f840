import { availableParallelism } from 'node:os';
import { CodedError } from '@maru/contracts';
import { hash, verify } from '@node-rs/argon2';

/** Argon2id (the default of the package) with OWASP's figures: 19 MiB, 2 passes, 1 lane; about 8 ms. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** As every device types it: composed and decomposed letters are the same password (RFC 8265). */
const composed = (password: string): string => password.normalize('NFC');

/**
 * Hashes and checks passwords off the event loop, a few at a time and in the order they came, so that a rush of
 * log-ins costs waiting and neither memory nor the other requests.
 */
export class PasswordHasher {
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private noPassword: Promise<string> | undefined;

  constructor(
    private readonly atOnce = availableParallelism(),
    private readonly maxWaiting = 500,
  ) {}

  /** @throws CodedError `too_busy` when too many wait already. */
  hash(password: string): Promise<string> {
    return this.inTurn(() => hash(composed(password), cost));
  }

  /**
   * Whether `password` is the one of `hashed`. Without a hash the answer is no, after the same time.
   * @throws CodedError `too_busy` when too many wait already.
   */
  async verify(hashed: string | undefined, password: string): Promise<boolean> {
    this.noPassword ??= hash('a password that nobody has', cost);
    const compared = hashed ?? (await this.noPassword);
    const same = await this.inTurn(() => verify(compared, composed(password)));
    return same && hashed !== undefined;
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.running < this.atOnce) this.running++;
    else if (this.waiting.length >= this.maxWaiting) throw new CodedError('too_busy');
    // Whoever ends hands his place over, so `running` stays as it is.
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }
}
