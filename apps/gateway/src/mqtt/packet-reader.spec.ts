import fc from 'fast-check';
import { generate, type Packet } from 'mqtt-packet';
import { PacketReader } from './packet-reader';
import { Refusal } from './reasons';

const publish = (topic: string, payload: string, messageId: number): Packet => ({
  cmd: 'publish',
  qos: 1,
  dup: false,
  retain: false,
  topic,
  payload,
  messageId,
});

function readAll(reader: PacketReader): Packet[] {
  const packets: Packet[] = [];
  for (let packet = reader.next(); packet !== undefined; packet = reader.next()) packets.push(packet);
  return packets;
}

describe('PacketReader', () => {
  it('finds the same packets wherever the bytes are cut', () => {
    const payloads = fc.array(fc.string({ maxLength: 300 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(payloads, fc.array(fc.nat(3000)), (texts, cuts) => {
        const bytes = Buffer.concat(
          texts.map((text, index) => generate(publish('rooms/x', text, index + 1))),
        );
        const reader = new PacketReader(64 * 1024);
        reader.speak(4);
        const places = [
          0,
          ...cuts.map((at) => Math.min(at, bytes.length)).sort((a, b) => a - b),
          bytes.length,
        ];
        const found = places.slice(1).flatMap((end, index) => {
          reader.push(bytes.subarray(places[index], end));
          return readAll(reader);
        });
        expect(found.map((packet) => (packet as { payload: Buffer }).payload.toString())).toEqual(texts);
      }),
    );
  });

  it('throws refusals alone, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.constantFrom(4, 5),
        (noise, version) => {
          const reader = new PacketReader(1000);
          reader.speak(version);
          reader.push(Buffer.from(noise));
          try {
            readAll(reader);
          } catch (error) {
            expect(error).toBeInstanceOf(Refusal);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('refuses what is too large by its header, before the rest has come', () => {
    const reader = new PacketReader(64 * 1024);
    reader.push(Buffer.from([0x30, 0x81, 0x80, 0x04]));
    expect(() => reader.next()).toThrow(/65536 bytes/);
    const endless = new PacketReader(64 * 1024);
    endless.push(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80]));
    expect(() => endless.next()).toThrow(/length/);
  });

  it('reads no packet beyond its end', () => {
    const reader = new PacketReader(1000);
    reader.speak(4);
    // A PUBLISH of 3 bytes whose topic says that it has 5, and a PINGREQ after it.
    reader.push(Buffer.from([0x30, 3, 0, 5, 97, 0xc0, 0]));
    expect(() => reader.next()).toThrow(Refusal);
  });
});
