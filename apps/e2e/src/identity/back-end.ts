import { type AccessToken, type Posted, type PublicUser, type Room, serverScopes } from '@maru/contracts';
import { v5 } from 'uuid';
import { everywhere, openSocket, verdicts } from '../security/token-probe';
import type { Issuer } from '../support/issuer';
import type { Maru } from '../support/maru';
import { newServerKey } from '../support/server-key';
import { until } from '../support/until';
import { newUser } from '../support/user';

/** As docs/integrate.md tells it. */
const idOf = (issuer: string, subject: string): string =>
  v5(JSON.stringify([issuer, subject]), '6f2d1c0a-8f0b-5e0e-9b53-3d6a2f1f7c11');

/** What a team's back end does with all scopes. */
export function backEnd(maru: () => Maru, issuer: () => Issuer): void {
  let key: string;
  beforeAll(async () => (key = await newServerKey(maru(), serverScopes)));
  const ask = <T>(method: string, path: string, body?: object): Promise<T> =>
    maru().rest().get<T>(method, `/server${path}`, key, body);
  const put = (externalId: string, body: object) =>
    ask<PublicUser>('PUT', `/users/${encodeURIComponent(externalId)}`, body);
  const token = async (id: string) => (await ask<AccessToken>('POST', `/users/${id}/tokens`)).accessToken;

  it('makes users, any number of times, whose ids it can compute', async () => {
    const picture = 'https://example.com/cyd.png';
    const made = await put('customer/7', { name: 'Cyd', picture });
    expect(made).toMatchObject({ id: idOf('maru:server', 'customer/7'), name: 'Cyd', picture });
    expect(await put('customer/7', { name: 'Cydney' })).toEqual({ ...made, name: 'Cydney' });
    expect((await put('customer/7', { name: 'Cydney', picture: null })).picture).toBeUndefined();
  });

  it('makes users before their issuer’s first token comes, and means the same', async () => {
    const { id } = await put('early', { name: 'Early', issuer: issuer().url });
    expect(id).toBe(idOf(issuer().url, 'early'));
    const me = await maru()
      .rest()
      .get('GET', '/users/me', await issuer().sign({ sub: 'early', name: undefined }));
    expect(me).toMatchObject({ id, name: 'Early', email: null });
    await expect(put('early', { name: 'Early', issuer: 'https://nobody.example' })).rejects.toMatchObject({
      ...{ status: 400, body: { code: 'bad_request' } },
    });
  });

  it('makes a room, adds members, and speaks in it as the system and as a member', async () => {
    const [ann, bob] = [await put('ann', { name: 'Ann' }), await put('bob', { name: 'Bob' })];
    const socket = openSocket(maru().urls[0] ?? '', await token(bob.id));
    const heard: object[] = [];
    for (const name of ['newMessage', 'memberJoined']) socket.on(name, (event: object) => heard.push(event));
    try {
      await new Promise((resolve) => socket.once('ready', resolve));
      const body = { id: 'order-1', name: 'Order 1', visibility: 'private', memberIds: [ann.id] };
      const room = await ask<Room>('POST', '/rooms', body);
      expect(await ask('POST', '/rooms', body)).toEqual(room);
      await ask('POST', `/rooms/${room.id}/members`, { userId: bob.id });
      const say = (message: object) => ask<Posted>('POST', `/rooms/${room.id}/messages`, message);
      const system = await say({ id: 'opened', text: 'How can we help?' });
      expect(await say({ id: 'opened', text: 'How can we help?' })).toEqual({ ...system, duplicate: true });
      await say({ text: 'Where is it?', asUserId: ann.id });
      await until('bob hears both', () => heard.length >= 3);
      expect(heard).toMatchObject([
        { type: 'memberJoined', userId: bob.id, byId: system.senderId },
        { type: 'message', text: 'How can we help?', kind: 'system', senderId: system.senderId },
        { type: 'message', text: 'Where is it?', kind: 'text', senderId: ann.id },
      ]);
      expect(
        await maru()
          .rest()
          .get('GET', `/users/${system.senderId}`, await token(ann.id)),
      ).toMatchObject({
        ...{ name: 'System', kind: 'system' },
      });
      const stranger = await put('stranger', { name: 'Stranger' });
      await expect(say({ text: 'hello', asUserId: stranger.id })).rejects.toMatchObject({
        body: { code: 'room_not_found' },
      });
    } finally {
      socket.disconnect();
    }
  });

  it('ends all sessions of a user: those of its tokens, of his issuer’s, and of his log-ins', async () => {
    const [own, foreign] = [
      await put('ends', { name: 'Own' }),
      await put('ends', { name: 'Foreign', issuer: issuer().url }),
    ];
    const account = await newUser(maru().rest(), 'Dan');
    const tokens: [id: string, token: string][] = [
      [own.id, await token(own.id)],
      [foreign.id, await issuer().sign({ sub: 'ends' })],
      [account.id, account.token],
    ];
    for (const [id, of] of tokens) {
      const socket = openSocket(maru().urls[0] ?? '', of);
      const closing = new Promise((resolve) => socket.once('closing', resolve));
      await new Promise((resolve) => socket.once('ready', resolve));
      await ask('DELETE', `/users/${id}/sessions`);
      expect(await closing).toEqual({ code: 'session_ended', reconnect: false });
      const over = JSON.stringify(everywhere(maru(), 'session_ended'));
      await until('it is over everywhere', async () => JSON.stringify(await verdicts(maru(), of)) === over);
    }
    const later = await issuer().sign({ sub: 'ends', iat: Math.floor(Date.now() / 1000) + 2 });
    expect(await verdicts(maru(), later)).toEqual(everywhere(maru(), 'taken'));
  });

  it('alone says that it is one: no user can', async () => {
    const { token: of } = await newUser(maru().rest(), 'Eve');
    const room = { name: 'Mine', visibility: 'private', byServer: true };
    expect(await maru().rest().ask('POST', '/rooms', of, room)).toMatchObject({ status: 400 });
    const { id } = await ask<Room>('POST', '/rooms', { name: 'Ours', visibility: 'private' });
    const said = { text: 'hello', byServer: true };
    expect(await maru().rest().ask('POST', `/rooms/${id}/messages`, of, said)).toMatchObject({ status: 400 });
    const socket = openSocket(maru().urls[0] ?? '', of);
    try {
      await new Promise((resolve) => socket.once('ready', resolve));
      const ack: unknown = await socket.timeout(5000).emitWithAck('sendMessage', { roomId: id, ...said });
      expect(ack).toMatchObject({ ok: false, error: { code: 'room_not_found' } });
    } finally {
      socket.disconnect();
    }
  });
}
