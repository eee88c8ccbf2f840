import type { Figure } from './report';
import { gatewaysOf, ScaleModel, sizeFor } from './scale-model';

/** Figures of a Maru in which each copy costs a gateway 50 µs beside 100 a message, and so on. */
function figures(): Figure[] {
  const made: Figure[] = [];
  const put = (name: string, value: number) =>
    made.push({ name, unit: '', ours: { median: value, min: value, max: value } });
  for (const mode of ['broadcast', 'routed'] as const) {
    for (const gateways of [2, 4, 8]) {
      const copies = mode === 'broadcast' ? gateways : gatewaysOf(2, gateways);
      const at = `${gateways} gateways, ${mode}`;
      const records = copies + gateways / 10;
      put(`records a message that gateways read, ${at}`, records);
      put(`CPU a message, gateway, ${at}`, 100 + 50 * records);
      put(`CPU a message, router, ${at}`, mode === 'routed' ? 80 * copies : 0);
      put(`CPU a message, kafka, ${at}`, 300 + 40 * records);
      for (const kind of ['gateway', 'router', 'kafka'])
        put(`CPU a second of nothing, ${kind}, ${at}`, 1000 * gateways);
    }
  }
  return made;
}

describe('the scale model', () => {
  it('says what 8 gateways cost from 2 and 4, where costs are as it takes them to be', () => {
    const predictions = ScaleModel.of(figures()).predictions();
    expect(predictions).toHaveLength(12);
    for (const { predicted, measured } of predictions) expect(predicted).toBeCloseTo(measured, 6);
  });

  it('counts the gateways that hold one of so many members', () => {
    expect(gatewaysOf(1, 8)).toBeCloseTo(1);
    expect(gatewaysOf(2, 2)).toBeCloseTo(1.5);
    expect(gatewaysOf(1000, 8)).toBeCloseTo(8);
  });

  it('says where broadcast ends: each gateway reads what everybody says', () => {
    const assumed = {
      ...{ messagesAnHour: 3.6, members: 5, connectionsAGateway: 20_000, busy: 0.5, bytes: 400, replicas: 3 },
      ...{
        passedSeconds: 2,
        commitsASecond: 20_000,
        commitCpus: 2,
        dollarsACpuHour: 0.04,
        dollarsAGigabyteMonth: 0.08,
      },
    };
    const size = sizeFor(ScaleModel.of(figures()), { ...assumed, connections: 1e6 });
    expect(size).toMatchObject({ messagesASecond: 1000, gateways: 50, stores: 1 });
    expect(size.broadcastShare).toBeCloseTo(0.05);
    expect(size.copies).toBeCloseTo(gatewaysOf(5, 50));
    expect(size.passedASecond).toBe((size.partitions * 50) / 2);
    expect(size.storeCpus).toBeCloseTo(0.1);
    expect(size.gatewayCpus).toBeCloseTo((1000 * (100 + 50 * size.copies) + 50_000) / 1e6);
  });

  it('names the figure that is not there', () => {
    expect(() => ScaleModel.of(figures().slice(1))).toThrow('2 gateways, broadcast" is not there');
  });
});
