import { readFileSync } from 'node:fs';
import path from 'node:path';
import { makeTempFolder, removeFolder } from '../folders';
import { until } from '../testing/until';
import { askCassandra } from './probe';
import { type Cassandra, startCassandra } from './server';

describe('Cassandra on one machine', () => {
  let folder: string;
  let cassandra: Cassandra | undefined;
  beforeEach(() => {
    folder = makeTempFolder();
  });
  afterEach(async () => {
    await cassandra?.stop();
    removeFolder(folder);
  });

  const port = () => Number(new URL(`cql://${cassandra?.address}`).port);

  it('serves, is killed, and serves at the same address again', async () => {
    cassandra = await startCassandra({ dataDir: path.join(folder, 'cassandra') });
    expect(await askCassandra(port())).toBe(true);
    const { pid } = cassandra.process;
    cassandra.kill('SIGKILL');
    await until(() =>
      askCassandra(port()).then(
        () => false,
        () => true,
      ),
    );
    await cassandra.start();
    expect(await askCassandra(port())).toBe(true);
    expect(cassandra.process.pid).not.toBe(pid);
    await cassandra.stop();
    await expect(askCassandra(port())).rejects.toThrow();
    const log = readFileSync(path.join(folder, 'cassandra/cassandra.log'), 'utf8');
    expect(log).toContain('Startup complete');
  }, 120_000);
});
