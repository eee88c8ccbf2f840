import { randomUUID } from 'node:crypto';
import type { Command } from '@maru/contracts';
import { Spans } from '../testing/spans';
import { WriterRig } from '../testing/writer-rig';
import type { Outcome } from './batch';
import { type Span, WriterRepository } from './writer.repository';

describe('the steps of traced commands whose batch fails', () => {
  const spans = new Spans();
  let rig: WriterRig;
  beforeAll(async () => (rig = await WriterRig.start(1)));
  beforeEach(() => spans.reset());
  afterEach(() => rig.stopWriters());
  afterAll(() => rig.stop());

  /** Of somebody whom the writer has to ask the store about. */
  const join = (roomId: string): Command => ({ type: 'join', roomId, userId: randomUUID(), id: 'join' });
  const traced = async (command: Command): Promise<void> =>
    expect(await spans.within(() => rig.ask(command))).toMatchObject({ ok: true });
  const decisions = (count: number) => spans.ends('decide chat.commands', count);

  it('end by its error when it cannot be decided, and begin anew with the claim that can', async () => {
    let breaks = false;
    const repository = class extends WriterRepository {
      override async lookUp(...asked: Parameters<WriterRepository['lookUp']>) {
        if (!breaks) return super.lookUp(...asked);
        breaks = false;
        throw new TypeError('the line broke');
      }
    };
    await rig.writer({ repository });
    const roomId = await rig.makeRoom(randomUUID());
    breaks = true;
    await traced(join(roomId));
    expect(await decisions(2)).toEqual(['TypeError', 'ok']);
  });

  it('end when the batch before, on which it was decided, is not committed', async () => {
    let toBreak = false;
    let looked: () => void = () => undefined;
    const repository = class extends WriterRepository {
      override async lookUp(...asked: Parameters<WriterRepository['lookUp']>) {
        looked();
        return super.lookUp(...asked);
      }
      override async commit(span: Span, outcome: Outcome) {
        if (!toBreak) return super.commit(span, outcome);
        toBreak = false;
        // Not before the next one has been begun.
        await new Promise<void>((resolve) => (looked = resolve));
        throw new RangeError('the line broke');
      }
    };
    await rig.writer({ repository, maxBatch: 1 });
    const roomId = await rig.makeRoom(randomUUID());
    toBreak = true;
    await Promise.all([traced(join(roomId)), traced(join(roomId))]);
    expect((await decisions(4)).sort()).toEqual(['RangeError', 'RangeError', 'ok', 'ok']);
  });
});
