const M = 0x5bd1e995;

/** Java Kafka's murmur2 of the key's UTF-8 bytes, as a signed 32-bit number. */
export function murmur2(key: string | Buffer): number {
  const data = typeof key === 'string' ? Buffer.from(key, 'utf8') : key;
  const length = data.length;
  let h = 0x9747b28c ^ length;
  const whole = length & ~3;
  for (let i = 0; i < whole; i += 4) {
    let k = Math.imul(data.readInt32LE(i), M);
    k ^= k >>> 24;
    h = Math.imul(h, M) ^ Math.imul(k, M);
  }
  const left = length - whole;
  if (left === 3) h ^= (data[whole + 2] ?? 0) << 16;
  if (left >= 2) h ^= (data[whole + 1] ?? 0) << 8;
  if (left >= 1) h = Math.imul(h ^ (data[whole] ?? 0), M);
  h ^= h >>> 13;
  h = Math.imul(h, M);
  return h ^ (h >>> 15);
}

/** The partition that Java's default partitioner gives a key: the same for ever, as long as the count stays. */
export function partitionOf(key: string, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}
