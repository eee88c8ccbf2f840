import { readEnvironment } from '@maru/service-kit';
import { archiveEnv, mustFindArchive } from './cql.config';

describe('the settings of the archive', () => {
  const read = (env: NodeJS.ProcessEnv) => readEnvironment(archiveEnv, env);

  it('leave all history in PostgreSQL when none is set', () => {
    const env = read({});
    expect(env.HISTORY_STORE).toBe('postgres');
    expect(env.CQL_CONTACT_POINTS).toBeUndefined();
    expect(() => mustFindArchive(env)).not.toThrow();
  });

  it('name nodes, which history cannot go to otherwise', () => {
    expect(read({ CQL_CONTACT_POINTS: 'a, b:9043' }).CQL_CONTACT_POINTS).toEqual(['a', 'b:9043']);
    expect(() => mustFindArchive(read({ HISTORY_STORE: 'cql' }))).toThrow(/^CQL_CONTACT_POINTS must be set/);
  });

  it('are refused when a statement could not hold them, or their file is not there', () => {
    expect(() => read({ CQL_KEYSPACE: 'x; drop keyspace y' })).toThrow('CQL_KEYSPACE');
    expect(() => read({ HISTORY_TAIL_EVENTS: '0' })).toThrow('HISTORY_TAIL_EVENTS');
    const lost = read({ CQL_SSL: 'on', CQL_SSL_CA_FILE: '/there/is/none.pem' });
    expect(() => mustFindArchive(lost)).toThrow('CQL_SSL_CA_FILE cannot be read');
  });
});
