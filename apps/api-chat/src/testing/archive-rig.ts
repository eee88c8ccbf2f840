import path from 'node:path';
import { createLogger } from '@maru/service-kit';
import { type Cassandra, makeTempFolder, removeFolder, startCassandra } from '@maru/stack';
import { Registry } from 'prom-client';
import { ArchiveMetrics } from '../archive/archive.metrics';
import { type ArchiveEnv } from '../archive/cql.config';
import { CqlBodies } from '../archive/cql-bodies';

/** A real Cassandra of the test's own, and archives in it. */
export class ArchiveRig {
  private readonly opened: CqlBodies[] = [];

  private constructor(
    private readonly folder: string,
    readonly cassandra: Cassandra,
  ) {}

  static async start(): Promise<ArchiveRig> {
    const folder = makeTempFolder();
    const cassandra = await startCassandra({ dataDir: path.join(folder, 'cassandra') });
    return new ArchiveRig(folder, cassandra);
  }

  get env() {
    return {
      CQL_CONTACT_POINTS: [this.cassandra.address],
      CQL_LOCAL_DC: 'datacenter1',
      CQL_KEYSPACE: 'maru',
      CQL_REPLICATION_FACTOR: 1,
      CQL_USERNAME: '',
      CQL_PASSWORD: '',
      CQL_SSL: 'off',
      CQL_TIMEOUT_MS: 3000,
    } satisfies Partial<ArchiveEnv>;
  }

  /** `kind`: where a test breaks something at a step of its choice. */
  archive(kind: typeof CqlBodies = CqlBodies): CqlBodies {
    const metrics = new ArchiveMetrics(new Registry());
    const archive = new kind(
      { ...this.env, CQL_SSL_CA_FILE: undefined },
      metrics,
      createLogger('archive', 'silent'),
      (work) => work(),
    );
    this.opened.push(archive);
    return archive;
  }

  async stop(): Promise<void> {
    await Promise.all(this.opened.map((one) => one.close()));
    await this.cassandra.stop();
    removeFolder(this.folder);
  }
}
