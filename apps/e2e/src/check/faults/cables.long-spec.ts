import { check } from '../check';
import { lastLine, report } from '../report';
import { Cable } from './cable';
import { startCableStack } from './cable-stack';

const seed = Number(process.env.MARU_SEED ?? Date.now() % 2 ** 31);
const probe = Cable.lay();
probe?.remove();
if (!probe) process.stdout.write('skipped: network namespaces; only root may make them\n');

(probe ? it : it.skip)(
  'every promise is kept when the cable of a gateway or of a writer is pulled and nothing tells so',
  async () => {
    const { stack, faults } = (await startCableStack()) ?? {};
    if (!stack || !faults) throw new Error('There are no namespaces.');
    try {
      const result = await check(stack, { seed, minutes: 1.5, faults });
      process.stdout.write(`\n${report(result)}\n${lastLine(result)}\n`);
      expect(result.rounds.map(({ kind }) => kind)).toEqual(faults.map(({ kind }) => kind));
      expect(faults).toHaveLength(2);
      expect(result.findings).toEqual([]);
    } finally {
      await stack.stop();
    }
  },
  420_000,
);
