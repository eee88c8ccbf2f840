import { randomUUID } from 'node:crypto';
import type { ChatClient } from '../support/chat-client';
import { until } from '../support/until';
import type { TestUser } from '../support/user';
import type { Scene } from './scene';

/** Promises about bad input, repeats and whoever asks for what is not his: a code, and nothing in history. */
export function refusals(scene: () => Scene): void {
  let ann: TestUser;
  let eve: TestUser;
  let roomId: string;
  let client: ChatClient;
  beforeAll(async () => {
    [ann, eve] = [await scene().user('Ann'), await scene().user('Eve')];
    roomId = await scene().room('private', ann);
    client = await scene().client(ann, 1);
  });

  it('gives a repeat the first answer, over REST and sockets, and refuses other content as a conflict', async () => {
    const rest = scene().maru.rest();
    const message = { id: 'retry-1', text: 'once' };
    const first = await rest.ask('POST', `/rooms/${roomId}/messages`, ann.token, message);
    const second = await rest.ask('POST', `/rooms/${roomId}/messages`, ann.token, message);
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body).toEqual({ ...(first.body as object), duplicate: true });
    const { seq, createdAt } = first.body as { seq: number; createdAt: string };
    expect(await client.ask('sendMessage', { roomId, ...message })).toEqual({
      ok: true,
      id: 'retry-1',
      seq,
      createdAt,
      duplicate: true,
    });
    expect(await client.ask('sendMessage', { roomId, id: 'retry-1', text: 'twice' })).toMatchObject({
      ok: false,
      error: { code: 'id_conflict' },
    });
  });

  it('answers bad payloads of every sort by code and puts nothing in history', async () => {
    const before = (await scene().events(ann, roomId)).length;
    const bad: [string, unknown[], string][] = [
      ['sendMessage', [{ roomId, text: '' }], 'bad_request'],
      ['sendMessage', [{ roomId, text: ' \t\n ' }], 'bad_request'],
      ['sendMessage', [{ roomId, text: 'x'.repeat(8001) }], 'bad_request'],
      ['sendMessage', [{ roomId, text: 'nul \0' }], 'bad_request'],
      ['sendMessage', [{ roomId, text: 'x', id: 'no spaces' }], 'bad_request'],
      ['sendMessage', [{ roomId, text: 'x', kind: 'Not-Lower' }], 'bad_request'],
      ['sendMessage', [{ roomId, text: 'x', metadata: { big: 'x'.repeat(5000) } }], 'bad_request'],
      ['sendMessage', [{ roomId: 'nowhere', text: 'x' }], 'bad_request'],
      ['sendMessage', [{ roomId: randomUUID(), text: 'x' }], 'room_not_found'],
      ['sendMessage', [], 'bad_request'],
      ['sendMessage', [null], 'bad_request'],
      ['sendMessage', [[1, 2]], 'bad_request'],
      ['sendMessage', ['{not json'], 'invalid_json'],
      ['joinRoom', [{}], 'bad_request'],
      ['joinRoom', [{ roomId: randomUUID() }], 'room_not_found'],
      ['read', [{ roomId, seq: -1 }], 'bad_request'],
      ['fly', [{ to: 'the moon' }], 'unknown_event'],
    ];
    for (const [event, payload, code] of bad) {
      const ack = await client.ask(event, ...payload);
      expect({ event, payload, ack }).toMatchObject({ ack: { ok: false, error: { code } } });
    }
    expect(await scene().events(ann, roomId)).toHaveLength(before);
  });

  it('takes a payload that comes as a JSON string, and message as another name for text', async () => {
    const ack = await client.ask('sendMessage', JSON.stringify({ roomId, message: 'from a tester' }));
    expect(ack).toMatchObject({ ok: true });
    expect((await scene().events(ann, roomId)).at(-1)).toMatchObject({ text: 'from a tester' });
  });

  it('refuses the same over REST as problem+json', async () => {
    const rest = scene().maru.rest();
    const path = `/rooms/${roomId}/messages`;
    const cases: [string, string, unknown, number, string][] = [
      ['POST', path, { text: '   ' }, 400, 'bad_request'],
      ['POST', path, { text: 'x', extra: 1 }, 400, 'bad_request'],
      ['POST', path, '{broken', 400, 'invalid_json'],
      ['POST', path, { text: 'x'.repeat(70_000) }, 413, 'payload_too_large'],
      ['GET', `${path}?before=3&after=1`, undefined, 400, 'bad_request'],
      ['GET', `${path}?limit=101`, undefined, 400, 'bad_request'],
      ['GET', '/nothing', undefined, 404, 'not_found'],
      ['POST', `/direct/${randomUUID()}/messages`, { text: 'x' }, 404, 'user_not_found'],
    ];
    for (const [method, at, body, status, code] of cases) {
      const answer = await rest.ask(method, at, ann.token, body);
      expect({ method, at, answer }).toMatchObject({ answer: { status, body: { code, retryable: false } } });
    }
    expect(await rest.ask('GET', '/rooms')).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  });

  it('answers a stranger of a private room as if there were none, whatever he asks', async () => {
    const rest = scene().maru.rest();
    const stranger = await scene().client(eve, 2);
    const asks: [string, string, unknown?][] = [
      ['GET', ''],
      ['GET', '/members'],
      ['GET', '/messages'],
      ['GET', '/events'],
      ['POST', '/join'],
      ['POST', '/messages', { text: 'hi' }],
      ['POST', '/members', { userId: eve.id }],
      ['POST', '/read', { seq: 1 }],
      ['PATCH', '', { name: 'mine' }],
      ['DELETE', ''],
    ];
    for (const [method, path, body] of asks) {
      const answer = await rest.ask(method, `/rooms/${roomId}${path}`, eve.token, body);
      const ofNone = await rest.ask(method, `/rooms/${randomUUID()}${path}`, eve.token, body);
      expect({ method, path, answer }).toEqual({ method, path, answer: ofNone });
      expect(answer.status).toBeGreaterThanOrEqual(403);
    }
    for (const event of ['joinRoom', 'leaveRoom', 'typing']) {
      const ack = await stranger.ask(event, { roomId });
      expect({ event, ack }).toMatchObject({ ack: { ok: false } });
    }
    expect(stranger.record.heard(roomId)).toEqual([]);
  });

  it('closes a connection that sends a frame beyond 64 KB, with a reason, and hides internal routes', async () => {
    const sender = await scene().client(eve, 1);
    void sender.ask('sendMessage', { roomId, text: 'x'.repeat(70_000) }).catch(() => undefined);
    await until('the connection ends', () => sender.link.endings.length > 0);
    expect(sender.record.signals).toContainEqual({
      name: 'closing',
      body: { code: 'frame_too_large', reconnect: false },
    });
    const internal = await fetch(`${scene().maru.urls[0] ?? ''}/internal/standing`, { method: 'POST' });
    expect(internal.status).toBe(404);
    const hidden = await scene()
      .maru.rest()
      .ask('POST', '/internal/standing', ann.token, { userIds: [ann.id] });
    expect(hidden.status).toBe(404);
  });
}
