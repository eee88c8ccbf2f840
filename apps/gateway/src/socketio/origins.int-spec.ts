import { randomUUID } from 'node:crypto';
import { TestClient } from '../testing/client';
import { GatewayRig } from '../testing/gateway-rig';

describe('pages of other origins', () => {
  const ours = 'https://chat.example.org';
  let rig: GatewayRig;
  beforeAll(async () => (rig = await GatewayRig.start({ CORS_ORIGINS: `${ours},http://localhost:8080` })));
  afterAll(() => rig.stop());

  const strangers = ['https://evil.example', `${ours}.evil.example`, 'http://chat.example.org', 'null'];

  describe.each(['websocket', 'polling'])('over %s', (transport) => {
    const options = (origin?: string) => ({
      transports: [transport],
      ...(origin !== undefined && { extraHeaders: { origin } }),
    });

    it.each(strangers)('cannot connect: %s', async (origin) => {
      const client = new TestClient(rig.url, await rig.services.token(randomUUID()), options(origin));
      const outcome = await new Promise<string>((resolve) => {
        client.socket.on('connect', () => resolve('connected'));
        client.socket.on('connect_error', () => resolve('refused'));
      });
      client.close();
      expect(outcome).toBe('refused');
    });

    it.each([ours, 'http://localhost:8080', undefined])(
      'connect when they are ours, or no page: %s',
      async (origin) => {
        await (await rig.connect(randomUUID(), options(origin))).ready();
      },
    );
  });

  it.each(strangers)(
    'are not let by a browser to read an answer or to send one with a token: %s',
    async (origin) => {
      const answer = await fetch(`${rig.url}/api/rooms`, { headers: { origin } });
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      const asked = {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      };
      const preflight = await fetch(`${rig.url}/api/rooms`, { method: 'OPTIONS', headers: asked });
      expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
    },
  );

  it('take no answer for something else than it is', async () => {
    const { headers } = await fetch(`${rig.url}/socket.io/?EIO=4&transport=polling`);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('are let when they are ours', async () => {
    const answer = await fetch(`${rig.url}/api/rooms`, { headers: { origin: ours } });
    expect(answer.headers.get('access-control-allow-origin')).toBe(ours);
    expect(answer.headers.get('vary')).toContain('Origin');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });
});
