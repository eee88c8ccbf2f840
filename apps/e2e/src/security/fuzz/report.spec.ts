import type { FuzzReport } from './fuzz';
import { harm } from './report';

const clean: FuzzReport = {
  ...{ frames: 9, connections: 3, records: 9, refused: 0, hangs: [], crashed: [] },
  memory: [{ name: 'gateway', beforeMb: 100, afterMb: 164, peakMb: 400 }],
  bystanders: { sent: 5, notAcked: [], slowestMs: 4999, endings: [], findings: [] },
};

describe('what the fuzzer calls harm', () => {
  it('is nothing that lies within the bounds', () => expect(harm(clean)).toEqual([]));

  it.each<[Partial<FuzzReport>, string]>([
    [{ crashed: ['router'] }, 'router crashed'],
    [{ hangs: ['/ws'] }, 'hung: /ws'],
    [
      { memory: [{ name: 'gateway', beforeMb: 100, afterMb: 165, peakMb: 165 }] },
      'gateway keeps 65 MB, more than 64',
    ],
    [{ bystanders: { ...clean.bystanders, notAcked: ['m1'] } }, "a bystander's message was not acked: m1"],
    [{ bystanders: { ...clean.bystanders, slowestMs: 5000 } }, "a bystander's ack took 5000 ms"],
    [
      { bystanders: { ...clean.bystanders, endings: ['unavailable'] } },
      "a bystander's connection ended: unavailable",
    ],
    [
      { bystanders: { ...clean.bystanders, findings: [{ kind: 'lost', text: 'seq 3' }] } },
      'a promise to a bystander was broken: lost, seq 3',
    ],
  ])('is %j', (report, line) => expect(harm({ ...clean, ...report })).toEqual([line]));
});
