import { sql } from '@maru/postgres';
import { WriterRig } from '../testing/writer-rig';
import { TopologyRepository } from './topology.repository';
import { TopologyService } from './topology.service';

describe('a start of api-chat', () => {
  let rig: WriterRig;
  let topology: TopologyService;

  beforeAll(async () => {
    rig = await WriterRig.start(2);
    topology = new TopologyService(new TopologyRepository(rig.store, rig.history), rig.admin);
    await topology.check();
  });
  afterAll(() => rig.stop());

  it('is taken with the log that the store was written with', () =>
    expect(topology.check()).resolves.toMatchObject({ partitions: 2 }));

  it.each([
    ['another cluster', sql`update topology set cluster_id = 'other'`],
    ['a topic made anew under the same name', sql`update topology set commands_topic_id = 'other'`],
  ])('is refused with %s, and told what to do', async (_, written) => {
    await sql`delete from topology`.execute(rig.store);
    await topology.check();
    await written.execute(rig.store);
    await expect(topology.check()).rejects.toThrow(
      /^The store was written with .* Point KAFKA_BROKERS and DATABASE_URL/,
    );
  });

  it('is refused with more partitions than the store counts on, and told of the command', async () => {
    await sql`delete from topology`.execute(rig.store);
    await topology.check();
    await sql`update topology set partitions = 1`.execute(rig.store);
    await expect(topology.check()).rejects.toThrow(/^The store counts on 1 partitions .* run `repartition`/);
  });
});
