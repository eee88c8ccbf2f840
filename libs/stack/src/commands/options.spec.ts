import { startOptions } from './options';

describe('the options of npm start', () => {
  it('are one of each, with broadcast and without an archive, where nothing is said', () => {
    expect(startOptions([], {})).toMatchObject({
      ...{ gateways: 1, writers: 1, brokers: 1 },
      ...{ history: undefined, kafkaBrokers: undefined, databaseUrl: undefined },
    });
  });

  it('start three brokers, more gateways and writers, and an archive of old history', () => {
    const asked = ['--brokers', '3', '--gateways', '4', '--writers', '2', '--history', 'cql'];
    expect(startOptions(asked, {})).toMatchObject({ brokers: 3, gateways: 4, writers: 2, history: 'cql' });
  });

  it('start routers with routed delivery alone', () => {
    expect(startOptions(['--routers', '2'], { DELIVERY: 'routed' })).toMatchObject({ routers: 2 });
    expect(() => startOptions(['--routers', '2'], {})).toThrow('--routers is for DELIVERY=routed');
  });

  it('go to brokers and a database that are there', () => {
    const env = { KAFKA_BROKERS: 'one:9092, two:9092', DATABASE_URL: 'postgres://maru:pw@db:5432/postgres' };
    expect(startOptions([], env)).toMatchObject({
      ...{ kafkaBrokers: ['one:9092', 'two:9092'], databaseUrl: env.DATABASE_URL },
    });
    expect(() => startOptions([], { DATABASE_URL: 'db:5432' })).toThrow('correct it and start again');
  });

  it.each([
    [['--brokers', '2'], '--brokers takes 1 or 3'],
    [['--gateways', 'many'], '--gateways takes a number from 1 to 9, not "many"'],
    [['--history', 'mongo'], '--history takes cql'],
    [['--nonsense'], 'Usage: npm start'],
  ])('refuse %j, and say what to do', (args, words) => {
    expect(() => startOptions(args, {})).toThrow(words);
  });
});
