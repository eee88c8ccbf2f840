import type { RunFile } from '@maru/stack';
import type { CheckStack } from '../check-stack';
import { faultsOf } from './catalogue';
import { victims, type WeakPoints } from './weak-points';

const runningOf = (...names: string[]): CheckStack => {
  const run = { processes: names.map((name) => ({ name })) } as RunFile;
  return { urls: [], brokers: [], read: () => run, stop: () => Promise.resolve(), ours: true };
};
const weakPoints = { lines: new Map(), disks: [], clockFolder: '' } as unknown as WeakPoints;
const stackOf = (...names: string[]): CheckStack => ({ ...runningOf(...names), weakPoints });
const broadcast = ['gateway', 'gateway-2', 'api-chat', 'api-users', 'api-auth', 'kafka', 'postgres'];
const whole = [...broadcast, 'kafka-2', 'kafka-3'];
const kindsOf = (stack: CheckStack) => faultsOf(stack).map(({ kind }) => kind);

describe('what can go wrong with a Maru', () => {
  it.each(['gateway', 'api-chat', 'api-users', 'api-auth', 'kafka', 'postgres'])(
    'is that %s is killed, three times, stopped for each length, and ended in order',
    (kind) => {
      const times = faultsOf(stackOf(...whole)).map((fault) => [fault.kind, fault.times] as const);
      expect(new Map(times).get(`${kind} killed`)).toBe(3);
      const once = ['stopped 3 s', 'stopped 15 s', 'stopped 40 s', 'ended in order'];
      expect(times).toEqual(expect.arrayContaining(once.map((how) => [`${kind} ${how}`, 1])));
    },
  );

  it('is nothing where only its doors are known, and less where it was not started for it', () => {
    expect(faultsOf({ ...stackOf(...whole), read: () => undefined })).toEqual([]);
    const kinds = kindsOf(runningOf(...whole));
    expect(kinds).toEqual(
      expect.arrayContaining(['kafka killed', 'rolling restart', 'clients that read nothing']),
    );
    expect(kinds.filter((kind) => /cut|clock|disk/.test(kind))).toEqual([]);
  });

  it('is nothing of a process that it does not have', () => {
    expect(kindsOf(stackOf(...broadcast)).filter((kind) => kind.startsWith('router'))).toEqual([]);
    expect(kindsOf(stackOf(...broadcast, 'router'))).toEqual(
      expect.arrayContaining(['router killed', "router's clock off by 10 min"]),
    );
  });

  it('is that the archive of old history is away, where there is one', () => {
    expect(kindsOf(stackOf(...broadcast)).filter((kind) => kind.startsWith('cassandra'))).toEqual([]);
    const kinds = kindsOf(stackOf(...broadcast, 'cassandra'));
    expect(kinds).toEqual(
      expect.arrayContaining(['cassandra killed', 'cassandra stopped 15 s', 'cassandra ended in order']),
    );
    expect(kinds).not.toContain("cassandra's clock off by 10 min");
  });

  it('is a line that is cut: of the last gateway and writer, and of the last router where there is one', () => {
    const counts = { gateways: 2, writers: 1, brokers: 3 } as const;
    expect(victims({ ...counts, routers: 0 })).toEqual(['gateway-2', 'api-chat']);
    expect(victims({ ...counts, routers: 2 })).toEqual(['gateway-2', 'api-chat', 'router-2']);
  });

  it('is no fault of the only broker: the whole log would be away', () => {
    expect(kindsOf(stackOf(...broadcast)).filter((kind) => kind.startsWith('kafka'))).toEqual([]);
    expect(kindsOf(stackOf(...broadcast, 'kafka-2', 'kafka-3'))).toContain('kafka killed');
  });
});
