import { inspected } from '../../support/garbage';
import { type Maru, startMaru } from '../../support/maru';
import { fuzz, type FuzzReport } from './fuzz';
import { printed } from './report';

const mostMbUp = 64;
const slowestAckMs = 5_000;

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

  it('crash nothing and leave nothing hanging', () => {
    expect(report).toMatchObject({ crashed: [], hangs: [] });
  });

  it(`leave no app with more than ${mostMbUp} MB more of resident memory, garbage collected`, () => {
    const grown = report.memory.filter(({ beforeMb, afterMb }) => afterMb - beforeMb > mostMbUp);
    expect(report.memory.length).toBeGreaterThanOrEqual(5);
    expect(grown).toEqual([]);
  });

  it('do not disturb the others: every message acked, nothing lost or late, no connection ended', () => {
    const { slowestMs, ...seen } = report.bystanders;
    expect(seen).toMatchObject({ notAcked: [], endings: [], findings: [] });
    expect(slowestMs).toBeLessThan(slowestAckMs);
  });
}
