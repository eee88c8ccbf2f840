import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { rootCertificates } from 'node:tls';
import { kafkaConfig, kafkaConfigFrom, kafkaEnv } from './kafka.config';

const read = (env: Record<string, string>) => kafkaConfigFrom(kafkaConfig.parse(env), 'api-chat');

describe('kafkaConfigFrom', () => {
  it('has a default and a description for every setting', () => {
    expect(read({})).toMatchObject({
      clientId: 'api-chat',
      brokers: ['127.0.0.1:9092'],
      fromBeginning: true,
    });
    for (const field of Object.values(kafkaEnv)) expect(field.description).toBeTruthy();
  });

  it('reads brokers, times, retries and the start position from the environment', () => {
    const config = read({
      KAFKA_BROKERS: 'a:1, b:2',
      KAFKA_SESSION_TIMEOUT_MS: '9000',
      KAFKA_RETRY_COUNT: '3',
      KAFKA_RETRY_DELAY_MS: '50',
      CONSUME_FROM_BEGINNING: 'false',
      KAFKA_REPLICATION_FACTOR: '3',
    });
    expect(config).toMatchObject({
      brokers: ['a:1', 'b:2'],
      sessionTimeoutMs: 9000,
      retry: { count: 3, delayMs: 50 },
      fromBeginning: false,
      replicationFactor: 3,
    });
  });

  it.each([
    { KAFKA_RETRY_COUNT: '-1' },
    { KAFKA_SEND_TIMEOUT_MS: 'soon' },
    { CONSUME_FROM_BEGINNING: 'perhaps' },
    { KAFKA_SSL_CA_FILE: '/there/is/none.pem' },
    { KAFKA_SSL_CA_FILE: path.join(__dirname, 'kafka.config.ts') },
  ])('refuses %j', (env) => {
    expect(() => read(env as unknown as Record<string, string>)).toThrow();
  });

  it('holds certificates against what Node.js trusts, or against the authority of a file', () => {
    expect(read({}).ssl).toBeUndefined();
    expect(read({ KAFKA_SSL: 'true' }).ssl).toBe(true);
    const folder = mkdtempSync(path.join(tmpdir(), 'maru-'));
    const file = path.join(folder, 'ca.pem');
    writeFileSync(file, rootCertificates[0] ?? '');
    const { ssl } = read({ KAFKA_SSL: 'true', KAFKA_SSL_CA_FILE: file });
    rmSync(folder, { recursive: true });
    expect(ssl).toEqual({ ca: [rootCertificates[0]] });
  });

  it('speaks SASL only when a mechanism is named', () => {
    expect(read({}).sasl).toBeUndefined();
    const sasl = {
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: 'maru',
      KAFKA_SASL_PASSWORD: 'x',
    };
    expect(read(sasl).sasl).toEqual({ mechanism: 'scram-sha-512', username: 'maru', password: 'x' });
  });
});
