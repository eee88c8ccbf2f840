import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { LastWill } from './last-will';

const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: 'pipe' });
const undo = 'ip link del "$1"; ip route del blackhole "$2"; ip netns del "$3"';

/** A network namespace for one process, and the cable (a veth pair) between it and this machine, which can be pulled. */
export class Cable {
  private constructor(
    readonly namespace: string,
    /** The addresses of its two ends. */
    readonly inside: string,
    readonly outside: string,
    private readonly end: string,
    private readonly net: string,
    private readonly will: LastWill,
  ) {}

  /** Undefined where one may not, as only root may. */
  static lay(): Cable | undefined {
    const id = randomInt(1 << 24).toString(16);
    const [namespace, end, other] = [`maru-${id}`, `maru${id}o`, `maru${id}i`];
    const row = `10.${randomInt(100, 250)}.${randomInt(1, 250)}`;
    const [net, outside, inside] = [`${row}.0/30`, `${row}.1`, `${row}.2`];
    try {
      ip('netns', 'add', namespace);
    } catch {
      return undefined;
    }
    const will = LastWill.leave(undo, end, net, namespace);
    ip('link', 'add', end, 'type', 'veth', 'peer', 'name', other, 'netns', namespace);
    ip('address', 'add', `${outside}/30`, 'dev', end);
    ip('link', 'set', end, 'up');
    // What has lost its cable shall not look for another way out of this machine.
    ip('route', 'add', 'blackhole', net, 'metric', '9999');
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    ip('-n', namespace, 'address', 'add', `${inside}/30`, 'dev', other);
    ip('-n', namespace, 'link', 'set', other, 'up');
    return new Cable(namespace, inside, outside, end, net, will);
  }

  /** Whatever is sent into it is lost, and nobody is told. */
  pull(): void {
    ip('link', 'set', this.end, 'down');
  }

  plug(): void {
    ip('link', 'set', this.end, 'up');
  }

  /** After its process has ended. */
  remove(): void {
    ip('link', 'del', this.end);
    ip('route', 'del', 'blackhole', this.net);
    ip('netns', 'del', this.namespace);
    this.will.revoke();
  }
}
