import fc from 'fast-check';
import type { Message } from 'kafkajs';
import Record from 'kafkajs/src/protocol/recordBatch/record/v0';
import { encodeRecords } from './record-encoder';

const text = fc.string({ unit: 'binary', maxLength: 300 });
const value = fc.oneof(
  text,
  fc.constant(null),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);
const message: fc.Arbitrary<Message> = fc.record({
  key: fc.oneof(text, fc.constant(null)),
  value,
  headers: fc.dictionary(fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }), text, { maxKeys: 8 }),
});

describe('encodeRecords', () => {
  it('writes byte for byte what kafkajs writes, whatever the keys, values and headers', () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 200 }), (messages) => {
        const theirs = messages.map(
          (one, offsetDelta) => Record({ ...one, offsetDelta, timestampDelta: 0 }).buffer,
        );
        expect(encodeRecords(messages).equals(Buffer.concat(theirs))).toBe(true);
      }),
    );
  });
});
