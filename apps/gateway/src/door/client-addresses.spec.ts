import type { IncomingMessage } from 'node:http';
import { readSignedAddress } from '@maru/service-kit';
import { ClientAddresses, trustedProxiesSetting } from './client-addresses';

const request = (remoteAddress: string, headers: Record<string, string>) =>
  ({ headers, socket: { remoteAddress } }) as unknown as IncomingMessage;
const secret = 'a secret of the services';

describe("a client's address at the door", () => {
  it.each([
    ['of the connection, when nobody is trusted', '', '10.0.0.9', '198.51.100.1', '10.0.0.9'],
    ['of the connection, when it is not trusted', '10.0.0.1', '10.0.0.9', '198.51.100.1', '10.0.0.9'],
    ['that a trusted proxy saw', '10.0.0.9', '10.0.0.9', '198.51.100.1', '198.51.100.1'],
    [
      'that the first of two trusted proxies saw',
      '10.0.0.0/8',
      '10.0.0.9',
      '198.51.100.1, 10.2.2.2',
      '198.51.100.1',
    ],
    [
      'the nearest that is not trusted, whatever was made up',
      'loopback',
      '127.0.0.1',
      '1.1.1.1, 198.51.100.1',
      '198.51.100.1',
    ],
  ])('is the one %s', (_, trusted, remote, header, address) => {
    const addresses = new ClientAddresses(trustedProxiesSetting.parse(trusted));
    const asked = request(remote, { 'x-forwarded-for': header });
    expect(addresses.settle(asked, secret)).toBe(address);
    expect(readSignedAddress(asked.headers['x-maru-client-address'], secret)).toBe(address);
  });

  it('loses forwarded headers that nobody trusted has written, and a signature made up', () => {
    const made = {
      'x-forwarded-for': '1.1.1.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'evil.example',
      'x-real-ip': '1.1.1.1',
      forwarded: 'for=1.1.1.1',
      'x-maru-client-address': '1.1.1.1 AAAA',
      accept: '*/*',
    };
    const asked = request('203.0.113.5', { ...made });
    new ClientAddresses(['10.0.0.1']).settle(asked, secret);
    expect(Object.keys(asked.headers).sort()).toEqual(['accept', 'x-maru-client-address']);
    expect(readSignedAddress(asked.headers['x-maru-client-address'], secret)).toBe('203.0.113.5');
  });

  it('is set up only with addresses, networks and names', () => {
    expect(trustedProxiesSetting.parse(' 10.0.0.7, uniquelocal ,fd00::/8,')).toEqual([
      '10.0.0.7',
      'uniquelocal',
      'fd00::/8',
    ]);
    for (const wrong of ['true', '10.0.0.0/99', 'proxy.example.org', '*']) {
      expect(trustedProxiesSetting.safeParse(wrong).success).toBe(false);
    }
  });
});
