import Encoder from 'kafkajs/src/protocol/encoder';

/** kafkajs fills every larger buffer with zeros before it writes a request over them: a tenth of a busy producer's CPU. */
Encoder.prototype.ensureAvailable = function (this: Encoder, length: number): void {
  const needed = this.offset + length;
  if (needed <= this.buf.length) return;
  const larger = Buffer.allocUnsafe(Encoder.nextPowerOfTwo(needed));
  this.buf.copy(larger, 0, 0, this.offset);
  this.buf = larger;
};
