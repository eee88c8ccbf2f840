import './record-headers.fix';
import fc from 'fast-check';
import Decoder from 'kafkajs/src/protocol/decoder';
import decode from 'kafkajs/src/protocol/recordBatch/record/v0/decoder';
import { encodeRecords } from './record-encoder';

const text = fc.string({ unit: 'binary', maxLength: 50 });

/** As the batch's decoder does: a record stands behind its length. */
function read(record: Buffer) {
  const whole = new Decoder(record);
  const length = whole.readVarInt();
  return decode(new Decoder(record.subarray(whole.offset, whole.offset + length)), {
    firstOffset: '7',
    firstTimestamp: '0',
  });
}

describe('headers of a record', () => {
  it('are read as the text that was written, whatever it is, and what surrounds them stays as it was', () => {
    const headers = fc.dictionary(text, text, { maxKeys: 12, noNullPrototype: true });
    fc.assert(
      fc.property(headers, text, (written, value) => {
        const got = read(encodeRecords([{ key: 'k', value, headers: written }]));
        expect(got.headers).toEqual(written);
        expect([String(got.key), String(got.value), got.offset]).toEqual(['k', value, '7']);
      }),
    );
  });

  it('count with their last value when one occurs more than once', () => {
    // offset 0, no key, no value, two headers "a": "1" and "2"
    const body = Buffer.from([0, 0, 0, 1, 1, 4, 2, 0x61, 2, 0x31, 2, 0x61, 2, 0x32]);
    const record = Buffer.concat([Buffer.from([body.length * 2]), body]);
    expect(read(record).headers).toEqual({ a: '2' });
  });
});
