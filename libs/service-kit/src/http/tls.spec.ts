import { readTls, tlsFiles } from './tls';

describe('the settings of TLS', () => {
  it('are both set or neither', () => {
    expect(tlsFiles({ TLS_CERT_FILE: '', TLS_KEY_FILE: '' })).toBeUndefined();
    expect(tlsFiles({ TLS_CERT_FILE: 'a', TLS_KEY_FILE: 'b' })).toEqual({ cert: 'a', key: 'b' });
    for (const [TLS_CERT_FILE, TLS_KEY_FILE] of [
      ['a', ''],
      ['', 'b'],
    ] as const) {
      expect(() => tlsFiles({ TLS_CERT_FILE, TLS_KEY_FILE })).toThrow(/set both, or neither/);
    }
  });

  it('name the files when they are not there, or are something else', () => {
    expect(() => readTls({ cert: '/no/cert.pem', key: '/no/key.pem' })).toThrow(/\/no\/cert\.pem.*ENOENT/);
    expect(() => readTls({ cert: __filename, key: __filename })).toThrow(/TLS_CERT_FILE.*must be PEM files/);
  });
});
