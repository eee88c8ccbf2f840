import { plannedPorts, portSettings } from './ports';

describe('ports', () => {
  it('are these, until a setting moves them', () => {
    expect(plannedPorts({ gateways: 2, writers: 2, brokers: 1 }, {})).toEqual({
      users: 3301,
      auth: 3302,
      chat: [3303, 3313],
      router: [],
      gateway: [3310, 3320],
      mqtt: [1883, 1893],
      postgres: 3332,
      kafka: [9092],
      kafkaControllers: [9192],
      cassandra: [],
      cassandraStorage: [],
    });
    const moved = { GATEWAY_PORT: '4000', KAFKA_CLUSTER_PORT: '9393' };
    const plan = plannedPorts({ gateways: 2, writers: 1, brokers: 3 }, moved);
    expect(plan).toMatchObject({
      gateway: [4000, 4010],
      kafka: [9393, 9394, 9395],
      kafkaControllers: [9193, 9194, 9195],
    });
  });

  it('never meet, with as many of everything as the flags allow', () => {
    const plan = (brokers: 1 | 3): number[] =>
      Object.values({
        ...plannedPorts({ gateways: 9, writers: 9, routers: 9, brokers, cassandras: 1 }, {}),
      }).flat();
    const all = [...plan(1), ...plan(3)];
    // Users, auth, postgres, cassandra, chat, router, gateway and mqtt are the same in both plans.
    const shared = 3 + 2 + 9 + 9 + 9 + 9;
    expect(new Set<number>(all).size).toBe(all.length - shared);
  });

  it('refuses what is no port, by the name of the setting', () => {
    const wrong = () => plannedPorts({ gateways: 1, writers: 1, brokers: 1 }, { POSTGRES_PORT: 'five' });
    expect(wrong).toThrow('POSTGRES_PORT is "five"');
  });

  it('each have a setting of their own', () => {
    const settings = Object.values(portSettings).map((setting) => setting.env);
    expect(new Set(settings).size).toBe(settings.length);
  });
});
