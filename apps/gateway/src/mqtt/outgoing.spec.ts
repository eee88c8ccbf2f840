import { randomUUID } from 'node:crypto';
import { type IPublishPacket, parser } from 'mqtt-packet';
import { Frames } from '../core/frames';
import { carriedEvent } from '../core/room-event';
import { range } from '../testing/client';
import { roomEncoders } from './mqtt.encoder';
import { Outgoing, type OutgoingRules } from './outgoing';
import type { Version } from './packet-reader';

const roomId = randomUUID();
const event = (seq: number, room = roomId) =>
  carriedEvent(JSON.stringify({ roomId: room, seq, messageNo: seq, type: 'message', text: 'ü' }));
const typing = { name: 'typing', json: JSON.stringify({ roomId, userId: 'u' }) };

function packetsIn(bytes: Buffer, version: Version): IPublishPacket[] {
  const found: IPublishPacket[] = [];
  const one = parser({ protocolVersion: version });
  one.on('packet', (packet) => found.push(packet as IPublishPacket));
  one.on('error', (error) => {
    throw error;
  });
  one.parse(bytes);
  return found;
}

function outgoing(rules: Partial<OutgoingRules> = {}) {
  const acknowledged: [string, number][] = [];
  const made = new Outgoing({
    window: 100,
    maxPacketBytes: Infinity,
    acknowledged: (room, seq) => void acknowledged.push([room, seq]),
    ...rules,
  });
  return { made, acknowledged };
}

describe.each([4, 5] as const)('what goes out by MQTT, protocol level %i', (version) => {
  it('is PUBLISH on the topic of the room, the JSON as it is, with a packet id of the connection', () => {
    const frames = roomEncoders[version][1].encode([event(1), typing, event(2)]);
    const packets = packetsIn(outgoing().made.add(frames), version);
    expect(packets.map(({ topic, qos, messageId }) => [topic, qos, messageId])).toEqual([
      [`rooms/${roomId}/events`, 1, 1],
      [`rooms/${roomId}/events`, 0, undefined],
      [`rooms/${roomId}/events`, 1, 2],
    ]);
    expect(packets[0]?.payload.toString()).toBe(event(1).json);
    expect(JSON.parse(packets[1]?.payload.toString() ?? '')).toEqual({
      event: 'typing',
      roomId,
      userId: 'u',
    });
    if (version === 5) expect(packets[0]?.properties?.userProperties).toEqual({ event: 'newMessage' });
  });

  it('is the same bytes for all with QoS 0', () => {
    const frames = roomEncoders[version][0].encode(range(1, 3).map((seq) => event(seq)));
    expect(packetsIn(frames.bytes, version).map(({ qos }) => qos)).toEqual([0, 0, 0]);
    expect(outgoing().made.add(frames)).toEqual(frames.bytes);
  });

  it('waits for PUBACKs beyond the window, in order, and counts what waits', () => {
    const { made } = outgoing({ window: 2 });
    const frames = roomEncoders[version][1].encode(range(1, 5).map((seq) => event(seq)));
    expect(packetsIn(made.add(frames), version).map(({ messageId }) => messageId)).toEqual([1, 2]);
    expect(made.waitingBytes).toBeGreaterThan(200);
    expect(packetsIn(made.acknowledge(1), version).map(({ messageId }) => messageId)).toEqual([3]);
    expect(made.acknowledge(3)).toHaveLength(0);
    expect(made.acknowledge(99)).toHaveLength(0);
    expect(packetsIn(made.acknowledge(2), version).map(({ messageId }) => messageId)).toEqual([4, 5]);
    expect(made.waitingBytes).toBe(0);
  });

  it('counts a seq as acknowledged when all before it are', () => {
    const { made, acknowledged } = outgoing();
    const other = randomUUID();
    made.add(roomEncoders[version][1].encode([event(1), event(7, other), event(2)]));
    made.acknowledge(3);
    made.acknowledge(2);
    expect(acknowledged).toEqual([]);
    made.acknowledge(1);
    expect(acknowledged).toEqual([
      [roomId, 1],
      [other, 7],
      [roomId, 2],
    ]);
  });

  it('leaves out what is larger than the client takes', () => {
    const { made } = outgoing({ maxPacketBytes: 200 });
    const large = carriedEvent(JSON.stringify({ roomId, seq: 2, type: 'message', text: 'x'.repeat(300) }));
    const frames = roomEncoders[version][1].encode([event(1), large, event(3)]);
    expect(packetsIn(made.add(frames), version)).toHaveLength(2);
  });

  it('holds nothing where the client has not subscribed', () => {
    const { made } = outgoing();
    const empty = new Frames(Buffer.alloc(0), []);
    expect(made.add(Frames.join([empty, empty]))).toHaveLength(0);
  });
});
