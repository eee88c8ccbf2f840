import { addressKey, readSignedAddress, signedAddress } from './client-address';

describe("a client's address", () => {
  it('is believed from who knows the secret, and from nobody else', () => {
    const secret = 'a secret of the services';
    const value = signedAddress('203.0.113.7', secret);
    expect(readSignedAddress(value, secret)).toBe('203.0.113.7');
    const [, signature] = value.split(' ');
    const forged = [`203.0.113.8 ${signature}`, '203.0.113.7', '203.0.113.7 ', '', undefined, [value]];
    for (const wrong of forged) expect(readSignedAddress(wrong, secret)).toBeUndefined();
    expect(readSignedAddress(value, 'another secret')).toBeUndefined();
  });

  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::203.0.113.7', '64:ff9b:0:0::/64'],
    ['', ''],
  ])('%s counts as %s', (address, key) => expect(addressKey(address)).toBe(key));
});
