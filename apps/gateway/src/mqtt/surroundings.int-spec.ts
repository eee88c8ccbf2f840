import { randomUUID } from 'node:crypto';
import { copyFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CertificateAuthority, makeTempFolder, removeFolder } from '@maru/stack';
import { WebSocket } from 'ws';
import { Device } from '../testing/device';
import { GatewayRig } from '../testing/gateway-rig';
import { until } from '../testing/until';
import { Listeners } from './listeners.service';
import { reasons } from './reasons';

describe('the MQTT door and what is around it', () => {
  const folder = makeTempFolder();
  const rigs: GatewayRig[] = [];
  const start = async (settings: Record<string, string> = {}): Promise<GatewayRig> => {
    const rig = await GatewayRig.start(settings);
    rigs.push(rig);
    return rig;
  };
  afterAll(async () => {
    for (const rig of rigs) await rig.stop();
    removeFolder(folder);
  });

  it('is there over TLS where a port is set for it, and over TCP alone where not', async () => {
    const authority = await CertificateAuthority.make(folder);
    const { certFile, keyFile } = await authority.issue('mqtt');
    const files = { TLS_CERT_FILE: path.join(folder, 'tls.crt'), TLS_KEY_FILE: path.join(folder, 'tls.key') };
    copyFileSync(certFile, files.TLS_CERT_FILE);
    copyFileSync(keyFile, files.TLS_KEY_FILE);
    const rig = await start({ ...files, MQTT_PORT: 'off', MQTT_TLS_PORT: '0' });
    const [port, ...others] = rig.app.get(Listeners).ports;
    expect(others).toEqual([]);
    const ann = randomUUID();
    const room = rig.room(ann);
    const ca = readFileSync(authority.caFile);
    const password = await rig.services.token(ann);
    const device = await Device.at(`mqtts://127.0.0.1:${port}`, { password, ca });
    await device.subscribe('rooms/+/events');
    await room.say(3);
    await device.until(() => device.seqs(room.id).length === 3);
    device.client.end(true);
    await expect(Device.at(`mqtts://127.0.0.1:${port}`, { password })).rejects.toThrow();
    await expect(Device.at(`mqtt://127.0.0.1:${port}`, { password })).rejects.toThrow();
    expect((await start()).app.get(Listeners).ports).toHaveLength(1);
  });

  it('says why when it ends, to who is in; and no more let in', async () => {
    const rig = await start();
    const device = await Device.of(rig, randomUUID());
    await rig.close();
    await device.until(() => device.ended);
    expect(device.farewell).toMatchObject({
      reasonCode: reasons.shuttingDown,
      properties: {
        reasonString: expect.stringContaining('shutdown') as string,
        userProperties: { code: 'shutdown', retryAfterMs: expect.any(String) as string },
      },
    });
    await expect(Device.of(rig, randomUUID())).rejects.toThrow();
  });

  it('opens /mqtt to pages of the right origin and to devices without one, in its subprotocol', async () => {
    const rig = await start({ CORS_ORIGINS: 'https://chat.example.org' });
    const open = async (subprotocol: string, origin?: string): Promise<unknown> => {
      const socket = new WebSocket(
        `${rig.url.replace('http', 'ws')}/mqtt`,
        subprotocol,
        origin ? { origin } : {},
      );
      const seen = await new Promise((resolve) => {
        socket.on('open', () => resolve('open'));
        socket.on('unexpected-response', (_, { statusCode }) => resolve(statusCode));
        socket.on('error', () => undefined);
      });
      socket.terminate();
      return seen;
    };
    expect(await open('mqtt')).toBe('open');
    expect(await open('mqtt', 'https://chat.example.org')).toBe('open');
    expect(await open('mqtt', 'https://evil.example.org')).toBe(403);
    expect(await open('amqp')).toBe(400);
  });

  it('lets nobody in while the store is away, and says that it is for the moment', async () => {
    const rig = await start();
    await Device.of(rig, randomUUID()).then(({ client }) => client.end(true));
    rig.services.away = true;
    const refused = await Device.of(rig, randomUUID()).catch(
      (error: Error & { code?: number }) => error.code,
    );
    rig.services.away = false;
    expect(refused).toBe(reasons.unavailable);
    const device = await Device.of(rig, randomUUID());
    await until(
      () => 'connected',
      () => device.client.connected,
    );
    device.client.end(true);
  });
});
