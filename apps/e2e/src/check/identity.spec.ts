import { sameIdentity } from './identity';

describe('the broker that is checked', () => {
  const before = { clusterId: 'one', topicIds: { 'chat.events': 'a', replies: 'b' } };

  it('is the same after the check: cluster and topics', () => {
    expect(() => sameIdentity(before, structuredClone(before))).not.toThrow();
    const other = { ...before, clusterId: 'two' };
    expect(() => sameIdentity(before, other)).toThrow('began on cluster one and ended on two');
    const anew = { ...before, topicIds: { ...before.topicIds, replies: 'c' } };
    expect(() => sameIdentity(before, anew)).toThrow('replies was made anew while the check ran');
    const gone = { ...before, topicIds: { replies: 'b' } as typeof before.topicIds };
    expect(() => sameIdentity(before, gone)).toThrow('chat.events was made anew');
  });
});
