import { randomUUID } from 'node:crypto';
import type { Command, Message } from '@maru/contracts';
import type { TestClient } from '../testing/client';
import { GatewayRig } from '../testing/gateway-rig';
import { Writer } from '../testing/writer';

const refusedWith = (code: string) => ({ ok: false, error: { code, message: expect.any(String) as string } });

describe('client events', () => {
  let rig: GatewayRig;
  let writer: Writer;
  let client: TestClient;
  const ann = randomUUID();
  beforeAll(async () => {
    rig = await GatewayRig.start({ REQUEST_TIMEOUT_MS: '5000', MAX_OUTSTANDING: '5' });
    writer = await new Writer(rig).start();
    client = await rig.connect(ann);
    await client.ready();
  });
  afterAll(async () => {
    await writer.stop();
    await rig.stop();
  });
  beforeEach(() => {
    writer.commands.length = 0;
    writer.answer = (asked) => {
      const { id, roomId } = asked as Command;
      const message = { id, roomId, seq: 7, createdAt: '2026-01-01T00:00:00.000Z' } as Message;
      return { ok: true, seq: 7, readSeq: 7, message };
    };
  });

  it('acks a message with its place, after the writer has answered', async () => {
    const roomId = randomUUID();
    const ack = await client.ask('sendMessage', { roomId, text: 'hi', id: 'a1' });
    expect(ack).toEqual({ ok: true, id: 'a1', seq: 7, createdAt: '2026-01-01T00:00:00.000Z' });
    expect(writer.commands).toEqual([
      { type: 'sendMessage', roomId, userId: ann, id: 'a1', text: 'hi', kind: 'text', metadata: {} },
    ]);
  });

  it('acks a message by the event that its command became, in a room that is held here and in another', async () => {
    for (const room of [rig.room(ann), rig.room()]) {
      writer.answer = async (_, record) => {
        const event = room.store({ type: 'message', senderId: ann, text: 'hi' });
        await room.publishOf(event, record.headers['ce_id']);
        return undefined;
      };
      const member = await rig.connect(ann);
      await member.ready();
      const ack = await member.ask('sendMessage', { roomId: room.id, text: 'hi', id: 'a1' });
      expect(ack).toEqual({ ok: true, id: 'a1', seq: 1, createdAt: expect.any(String) as string });
    }
  });

  it('takes `message` for `text`, JSON in a string for an object, and makes an id when there is none', async () => {
    const roomId = randomUUID();
    const ack = await client.ask(
      'sendMessage',
      JSON.stringify({ roomId, message: 'hi', userId: randomUUID() }),
    );
    expect(ack).toMatchObject({ ok: true, seq: 7 });
    expect(writer.commands[0]).toMatchObject({ userId: ann, text: 'hi', id: (ack as { id?: string }).id });
  });

  it('takes what is done to a message to the writer, and acks it with its place', async () => {
    const place = { roomId: randomUUID(), seq: 5 };
    const asked = [
      ['editMessage', { ...place, text: 'now', mentions: [ann], id: 'a1' }],
      ['deleteMessage', { ...place, id: 'a2' }],
      ['addReaction', { ...place, reaction: '👍', id: 'a3' }],
      ['removeReaction', { ...place, reaction: '👍', id: 'a4' }],
    ] as const;
    for (const [event, body] of asked) expect(await client.ask(event, body)).toEqual({ ok: true, seq: 7 });
    expect(writer.commands).toEqual(asked.map(([type, body]) => ({ type, userId: ann, ...body })));
    await client.ask('sendMessage', { ...place, text: 'yes', replyTo: 5, mentions: [ann] });
    expect(writer.commands.at(-1)).toMatchObject({ type: 'sendMessage', replyTo: 5, mentions: [ann] });
    for (const wrong of [{ reaction: '' }, { reaction: 'a b' }, { reaction: 'x'.repeat(33) }, { seq: 0 }])
      expect(await client.ask('addReaction', { ...place, reaction: '👍', ...wrong })).toMatchObject(
        refusedWith('bad_request'),
      );
    const twice = { ...place, text: 'now', mentions: [ann, ann] };
    expect(await client.ask('editMessage', twice)).toMatchObject(refusedWith('bad_request'));
  });

  it('passes on what the writer refuses, and says that an outcome is unknown', async () => {
    const roomId = randomUUID();
    writer.answer = () => ({ ok: false, error: { code: 'not_a_member', message: 'no' } });
    expect(await client.ask('sendMessage', { roomId, text: 'hi' })).toMatchObject(
      refusedWith('not_a_member'),
    );
    writer.answer = () => undefined;
    const unknown = await client.ask('sendMessage', { roomId, text: 'hi' });
    expect(unknown).toMatchObject({ ok: false, error: { code: 'outcome_unknown', retryable: true } });
  });

  it('bounds what one connection may have waiting', async () => {
    writer.answer = () => undefined;
    const roomId = randomUUID();
    const acks = await Promise.all(
      Array.from({ length: 8 }, () => client.ask('sendMessage', { roomId, text: 'hi' })),
    );
    const codes = acks.map((ack) => (ack.ok ? 'ok' : ack.error.code));
    expect(codes.filter((code) => code === 'too_busy')).toHaveLength(3);
    expect(codes.filter((code) => code === 'outcome_unknown')).toHaveLength(5);
  });

  it('joins and leaves by command, a member too: he may have left without this gateway having heard', async () => {
    const [mine, other] = [rig.room(ann), randomUUID()];
    await mine.say(4);
    const member = await rig.connect(ann);
    await member.ready();
    expect(await member.ask('joinRoom', { roomId: mine.id })).toEqual({ ok: true, roomId: mine.id, seq: 7 });
    expect(await member.ask('joinRoom', { roomId: other })).toEqual({ ok: true, roomId: other, seq: 7 });
    expect(await member.ask('leaveRoom', { roomId: other })).toEqual({ ok: true, roomId: other, seq: 7 });
    expect(writer.commands.map(({ type, userId }) => [type, userId])).toEqual([
      ['join', ann],
      ['join', ann],
      ['leave', ann],
    ]);
  });

  it('gathers read markers of one user and room', async () => {
    writer.marks.length = 0;
    writer.answer = async (asked) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return { ok: true, readSeq: (asked as { seq: number }).seq };
    };
    const roomId = randomUUID();
    const acks = await Promise.all([3, 9, 5].map((seq) => client.ask('read', { roomId, seq })));
    expect(acks).toEqual([3, 9, 9].map((readSeq) => ({ ok: true, readSeq })));
    expect(writer.marks.map(({ seq }) => seq)).toEqual([3, 9]);
  });

  it('tells the room who is typing, not more than once in a while, and only for members', async () => {
    const bob = randomUUID();
    const room = rig.room(ann, bob);
    const [typist, reader] = [await rig.connect(ann), await rig.connect(bob)];
    await Promise.all([typist.ready(), reader.ready()]);
    for (let turn = 0; turn < 3; turn++) {
      expect(await typist.ask('typing', { roomId: room.id })).toEqual({ ok: true });
    }
    await reader.until(() => reader.heard.some(({ name }) => name === 'typing'));
    await room.say(1);
    await reader.until(() => reader.seqs(room.id).length === 1);
    expect(reader.heard.filter(({ name }) => name === 'typing')).toEqual([
      { name: 'typing', body: { roomId: room.id, userId: ann } },
    ]);
    expect(await client.ask('typing', { roomId: randomUUID() })).toMatchObject(refusedWith('not_a_member'));
  });

  it.each([
    ['no payload', 'sendMessage', []],
    ['null', 'sendMessage', [null]],
    ['a number', 'joinRoom', [5]],
    ['a list', 'leaveRoom', [[1, 2]]],
    ['two payloads', 'read', [{}, {}]],
    ['bytes', 'typing', [Buffer.from('abc')]],
    ['wrong types', 'read', [{ roomId: randomUUID(), seq: 'one' }]],
    ['a room that is none', 'joinRoom', [{ roomId: 'room' }]],
    ['blank text', 'sendMessage', [{ roomId: randomUUID(), text: ' \n' }]],
    ['a lone surrogate', 'sendMessage', [{ roomId: randomUUID(), text: '\ud800' }]],
    ['60 KB of text', 'sendMessage', [{ roomId: randomUUID(), text: 'x'.repeat(60_000) }]],
  ])('refuses %s with a code', async (_, event, args) => {
    expect(await client.ask(event, ...args)).toMatchObject(refusedWith('bad_request'));
  });

  it('refuses a string that is not JSON, and an event that there is not', async () => {
    expect(await client.ask('sendMessage', '{"roomId"')).toMatchObject(refusedWith('invalid_json'));
    expect(await client.ask('shout', { text: 'hi' })).toMatchObject(refusedWith('unknown_event'));
    expect(await client.ask('__proto__', {})).toMatchObject(refusedWith('unknown_event'));
  });

  it('lives on after events without ack function', async () => {
    client.socket.emit('sendMessage');
    client.socket.emit('nonsense', 'x');
    client.socket.emit('read', { roomId: randomUUID(), seq: 1 });
    expect(await client.ask('sendMessage', { roomId: randomUUID(), text: 'hi' })).toMatchObject({ ok: true });
  });

  it('closes with a reason at a frame beyond 64 KB, and does nothing of it', async () => {
    for (const size of [70_000, 1_000_000]) {
      const big = await rig.connect(ann);
      await big.ready();
      big.socket.emit('sendMessage', {
        roomId: randomUUID(),
        text: 'x',
        metadata: { pad: 'x'.repeat(size) },
      });
      await big.until(() => big.socket.disconnected);
      if (size < 256 * 1024) {
        expect(big.heard.at(-1)).toEqual({
          name: 'closing',
          body: { code: 'frame_too_large', reconnect: false },
        });
      }
    }
    expect(writer.commands).toEqual([]);
  });
});
