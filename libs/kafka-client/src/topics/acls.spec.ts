import { kafkaAccess } from '@maru/contracts';
import { aclArguments, aclEntries, aclsOf } from './acls';

const linesOf = (app: keyof typeof kafkaAccess) => aclsOf(app, kafkaAccess[app]).map(aclArguments);

describe('aclsOf', () => {
  it('is what Kafka has to allow an app, as its own tool takes it', () => {
    expect(linesOf('api-users')).toEqual([
      '--add --allow-principal User:api-users --operation Read --operation DescribeConfigs --topic auth.events',
      '--add --allow-principal User:api-users --operation Read --operation DescribeConfigs --topic users.requests',
      '--add --allow-principal User:api-users --operation Write --operation DescribeConfigs --topic users.events',
      '--add --allow-principal User:api-users --operation Write --operation DescribeConfigs --topic replies',
      '--add --allow-principal User:api-users --operation Write --topic dead-letter.api-users',
      '--add --allow-principal User:api-users --operation Read --topic retry.api-users',
      '--add --allow-principal User:api-users --operation Read --group api-users',
      '--add --allow-principal User:api-users --operation Read --group api-users.sessions. --resource-pattern-type prefixed',
    ]);
  });

  it('names a topic that is read and written once, with both', () => {
    expect(linesOf('gateway').filter((line) => line.includes('chat.signals'))).toEqual([
      '--add --allow-principal User:gateway --operation Read --operation Write --operation DescribeConfigs --topic chat.signals',
    ]);
  });

  it('allows nobody but api-chat to say what happened in a room', () => {
    const writers = Object.entries(kafkaAccess).filter(([app, access]) =>
      aclsOf(app, access).some(
        ({ name, operations }) => name === 'chat.events' && operations.includes('Write'),
      ),
    );
    expect(writers.map(([app]) => app)).toEqual(['api-chat']);
  });
});

describe('aclEntries', () => {
  it('is an entry an operation, for the user from everywhere', () => {
    const entries = aclsOf('gateway', kafkaAccess.gateway).flatMap(aclEntries);
    expect(entries).toHaveLength(
      aclsOf('gateway', kafkaAccess.gateway).flatMap((acl) => acl.operations).length,
    );
    expect(new Set(entries.map(({ principal, host }) => `${principal} ${host}`))).toEqual(
      new Set(['User:gateway *']),
    );
  });
});
