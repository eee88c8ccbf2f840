import fc from 'fast-check';
import { murmur2, partitionOf } from './murmur2';

/** From org.apache.kafka.common.utils.UtilsTest and Java's partitioner. */
const vectors: [string, number][] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
  ['', 275646681],
];

describe('murmur2', () => {
  it.each(vectors)('hashes %j as Java does', (key, hash) => {
    expect(murmur2(key)).toBe(hash);
  });

  it('hashes the UTF-8 bytes of a key', () => {
    expect(murmur2('마루')).toBe(murmur2(Buffer.from('마루', 'utf8')));
  });

  it('gives every key a partition that exists, always the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 64 }), (key, partitions) => {
        const partition = partitionOf(key, partitions);
        return partition >= 0 && partition < partitions && partition === partitionOf(key, partitions);
      }),
    );
  });
});
