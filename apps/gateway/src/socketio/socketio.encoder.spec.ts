import type { Writable } from 'node:stream';
import * as ws from 'ws';
import { packetOf, socketIoEncoder } from './socketio.encoder';

// The parser of another library; its types do not name it.
const { Receiver } = ws as unknown as { Receiver: new (options: object) => Writable };

/** What a WebSocket client makes of these bytes. */
function received(bytes: Buffer): string[] {
  const receiver = new Receiver({ isServer: false });
  const texts: string[] = [];
  receiver.on('message', (data: Buffer, binary: boolean) => texts.push(binary ? 'binary' : data.toString()));
  receiver.write(bytes);
  return texts;
}

describe('Socket.IO frames', () => {
  const sizes = [
    0, 1, 80, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100, 500, 65_400, 65_500, 65_510, 65_520, 70_000,
  ];

  it.each(['x', 'é', '👋'])('are whole WebSocket text frames at any length (%s)', (character) => {
    const events = sizes.map((size) => ({
      name: 'newMessage',
      json: JSON.stringify({ text: character.repeat(size) }),
    }));
    const frames = socketIoEncoder.encode(events);
    expect(frames.count).toBe(events.length);
    const wanted = events.map(({ name, json }) => `42["${name}",${json}]`);
    expect(received(frames.bytes)).toEqual(wanted);
    wanted.forEach((text, index) => expect(`4${packetOf(frames.part(index))}`).toBe(text));
  });

  it('keep the JSON to the letter', () => {
    const json = '{"b":1.0,"a":"\\u2028\u2028","n":1e5}';
    expect(received(socketIoEncoder.encode([{ name: 'ready', json }]).bytes)).toEqual([
      `42["ready",${json}]`,
    ]);
  });
});
