import { Rest } from '../../support/rest';
import { until } from '../../support/until';
import { newUser } from '../../support/user';
import type { CheckStack } from '../check-stack';
import type { Line } from './line';
import { SmallDisk } from './disks';
import { runOf } from './processes';
import { amongFastOnes } from './readers';
import { startWeakStack } from './weak-stack';

const mayMount = SmallDisk.permitted();
if (!mayMount) process.stdout.write('skipped: a full disk; only root may mount one that is small enough\n');

let stack: CheckStack;
beforeAll(async () => {
  stack = await startWeakStack({ gateways: 2, writers: 2, brokers: 1 });
}, 180_000);
afterAll(() => stack.stop());

const ready = async (url: string): Promise<boolean> => {
  const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(5_000) }).catch(
    () => undefined,
  );
  await answer?.body?.cancel();
  return answer?.status === 200;
};
const lines = (name: string) => {
  const found = stack.weakPoints?.lines.get(name);
  if (!found) throw new Error(`${name} has no lines of its own`);
  return found;
};

/** The app says that it is not ready while its lines are cut, the other one is, and then it is again. */
async function misses(url: string, other: string, cut: readonly Line[], how: 'broken' | 'silent') {
  for (const line of cut) line.cut(how);
  await until(`${url} misses it`, async () => !(await ready(url)), 30_000);
  expect(await ready(other)).toBe(true);
  for (const line of cut) line.mend();
  await until(`${url} is back`, () => ready(url), 60_000);
}

describe('what is built into a Maru to go wrong', () => {
  it('cuts one writer from the store, and no other', async () => {
    const [other = '', victim = ''] = runOf(stack).chat;
    await misses(victim, other, [lines('api-chat-2').postgres], 'broken');
    await misses(victim, other, [lines('api-chat-2').postgres], 'silent');
  }, 240_000);

  it('cuts one gateway from the broker, and no other', async () => {
    const [other = '', victim = ''] = stack.urls;
    await misses(victim, other, lines('gateway-2').kafka, 'broken');
    await misses(victim, other, lines('gateway-2').kafka, 'silent');
  }, 240_000);

  (mayMount ? it : it.skip)(
    'fills the disk of the store, so that it keeps nothing more until there is room',
    async () => {
      const disk = stack.weakPoints?.disks.find(({ of }) => of === 'postgres');
      if (!disk) throw new Error('the store has no disk of its own');
      const rest = new Rest(stack.urls[0] ?? '', 5_000);
      const user = await newUser(rest, 'Somebody');
      disk.fill();
      const refused = async () => {
        const text = { name: 'x'.repeat(50), visibility: 'private' as const };
        return rest.createRoom(user.token, text).then(
          () => false,
          () => true,
        );
      };
      await until('nothing more is kept', refused, 60_000);
      disk.free();
      await until('rooms are made again', async () => !(await refused()), 60_000);
    },
    180_000,
  );

  it.each([0, 1024])(
    'has clients that read %d bytes a second, and does not hold up others for them',
    async (rate) => {
      await amongFastOnes(stack, rate, () => 0);
    },
    60_000,
  );
});
