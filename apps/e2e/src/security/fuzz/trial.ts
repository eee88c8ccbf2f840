import { inspected } from '../../support/garbage';
import { type Maru, startMaru } from '../../support/maru';
import { fuzz, type FuzzReport } from './fuzz';
import { harm, printed } from './report';

/** The same promises of an attack of any size. */
export function standsFuzzing(count: number, withinMs: number): void {
  let maru: Maru;
  let report: FuzzReport;
  beforeAll(async () => {
    maru = await startMaru({ gateways: 2, env: { ...inspected, DELIVERY: 'routed' } });
    report = await fuzz(maru, { frames: count, records: count, seed: Number(process.env.MARU_SEED ?? 1) });
    process.stdout.write(`\n${printed(report)}\n`);
  }, withinMs);
  afterAll(() => maru.stop());

  it('were sent', () => {
    expect(report.frames).toBeGreaterThan(count);
    expect(report.records + report.refused).toBeGreaterThan(count);
    expect(report.refused).toBeLessThan(count / 100);
  });

  it('crash nothing, leave nothing hanging and little memory in use, and disturb nobody', () => {
    expect(report.memory.length).toBeGreaterThanOrEqual(5);
    expect(harm(report)).toEqual([]);
  });
}
