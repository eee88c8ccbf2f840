import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { promisify } from 'node:util';
import { kafkaAccess } from '@maru/contracts';
import {
  type AppName,
  CertificateAuthority,
  type KafkaCluster,
  makeTempFolder,
  removeFolder,
  startKafka,
} from '@maru/stack';
import { type Maru, startMaru } from '../support/maru';

export type User = AppName | 'admin';
export const apps = Object.keys(kafkaAccess) as AppName[];
const root = path.resolve(__dirname, '../../../..');

/** A Kafka with TLS, log-in and access control, a user in it for each app and an admin whom nothing holds up. */
export class SecureKafka {
  private readonly passwords = Object.fromEntries([...apps, 'admin'].map((user) => [user, randomUUID()]));

  private cluster: KafkaCluster | undefined;

  private constructor(
    private readonly folder: string,
    readonly authority: CertificateAuthority,
  ) {}

  static async start(): Promise<SecureKafka> {
    const folder = makeTempFolder('maru-secure-');
    const authority = await CertificateAuthority.make(path.join(folder, 'certificates'));
    const kafka = new SecureKafka(folder, authority);
    const certificate = { ...(await authority.issue('kafka')), commonName: 'kafka' };
    const { caFile } = authority;
    kafka.cluster = await startKafka({
      nodes: 1,
      dataDir: path.join(folder, 'kafka'),
      security: { certificate, caFile, users: kafka.passwords, superUsers: ['admin'] },
    });
    return kafka;
  }

  get brokers(): string[] {
    return this.cluster?.brokers ?? [];
  }

  /** What every user's settings say. */
  get env(): Record<string, string> {
    return {
      KAFKA_SSL: 'true',
      KAFKA_SSL_CA_FILE: this.authority.caFile,
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
    };
  }

  /** How one of them logs in. */
  logInOf(user: User): { KAFKA_SASL_USERNAME: string; KAFKA_SASL_PASSWORD: string } {
    return { KAFKA_SASL_USERNAME: user, KAFKA_SASL_PASSWORD: this.passwords[user] ?? '' };
  }

  /** `npm run kafka-acls`, with these settings. */
  async aclsCommand(action: string, user: User): Promise<string> {
    const command = [
      'node_modules/tsx/dist/cli.mjs',
      'libs/service-kit/src/kafka/kafka-acls.command.ts',
      action,
    ];
    const env = { ...process.env, ...this.env, ...this.logInOf(user), KAFKA_BROKERS: this.brokers.join() };
    const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: root, env });
    return stdout;
  }

  async stop(): Promise<void> {
    await this.cluster?.stop();
    removeFolder(this.folder);
  }
}

/** A Maru on it, its gateway speaking https with a certificate of the same authority, which this process then trusts. */
export async function startSecureMaru(kafka: SecureKafka): Promise<Maru> {
  const { certFile, keyFile } = await kafka.authority.issue('gateway');
  const known = getCACertificates('default');
  setDefaultCACertificates([...known, readFileSync(kafka.authority.caFile, 'utf8')]);
  const envOf: Partial<Record<AppName, NodeJS.ProcessEnv>> = Object.fromEntries(
    apps.map((app) => [app, kafka.logInOf(app)]),
  );
  const maru = await startMaru({
    kafkaBrokers: kafka.brokers,
    // Routers too, as they have a log-in of their own.
    env: { ...kafka.env, DELIVERY: 'routed' },
    envOf: { ...envOf, gateway: { ...envOf.gateway, TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile } },
  });
  const stop = async (): Promise<void> => {
    await maru.stop();
    setDefaultCACertificates(known);
  };
  return Object.assign(Object.create(maru) as Maru, { stop });
}
