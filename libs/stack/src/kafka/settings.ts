import path from 'node:path';
import type { Door } from '../detour';

export interface NodeLayout {
  id: number;
  folder: string;
  port: number;
  controllerPort: number;
  /** Where the brokers of a cluster with access control speak to one another. */
  insidePort?: number;
  /** Where it listens beside `port`. */
  doors?: Door[];
}

/** What server.properties of one node says; `own` comes last and wins. */
export function brokerSettings(
  node: NodeLayout,
  all: NodeLayout[],
  own: Record<string, string>,
): Record<string, string> {
  const copies = String(all.length);
  const inSync = all.length > 1 ? '2' : '1';
  const doors = (node.doors ?? []).map((door, index) => ({ ...door, name: `DOOR${index + 1}` }));
  const listed = (entries: string[]) => entries.join(',');
  return {
    'process.roles': 'broker,controller',
    'node.id': String(node.id),
    'controller.quorum.voters': all.map((n) => `${n.id}@127.0.0.1:${n.controllerPort}`).join(','),
    listeners: listed([
      `PLAINTEXT://127.0.0.1:${node.port}`,
      `CONTROLLER://127.0.0.1:${node.controllerPort}`,
      ...doors.map(({ name, listens }) => `${name}://127.0.0.1:${listens}`),
    ]),
    'advertised.listeners': listed([
      `PLAINTEXT://127.0.0.1:${node.port}`,
      ...doors.map(({ name, advertised, host = '127.0.0.1' }) => `${name}://${host}:${advertised}`),
    ]),
    'listener.security.protocol.map': listed([
      'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      ...doors.map(({ name }) => `${name}:PLAINTEXT`),
    ]),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': path.join(node.folder, 'data'),
    'default.replication.factor': copies,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': copies,
    'offsets.topic.num.partitions': '8',
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': '8',
    'share.coordinator.state.topic.replication.factor': copies,
    'share.coordinator.state.topic.min.isr': inSync,
    'log.message.timestamp.type': 'LogAppendTime',
    'auto.create.topics.enable': 'false',
    'delete.topic.enable': 'true',
    // One batch holds what piled up for a partition while its last send was out.
    'message.max.bytes': '4194304',
    'replica.fetch.max.bytes': '4194304',
    // One machine: nobody is waited for, and a dead leader is noticed in 3 s instead of 9.
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    // Of the 128 MB that are taken at the start by default, compacting as many keys as a laptop has needs an eighth.
    'log.cleaner.dedupe.buffer.size': '16777216',
    ...own,
  };
}

/** Java's properties format for keys and values as they occur here. */
export function asProperties(settings: Record<string, string>): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value.replaceAll('\\', '\\\\')}\n`)
    .join('');
}

/** Warnings and the few lines that tell a start, in four files of 8 MB at most; errors on the console as well. */
export function log4jConfig(folder: string): string {
  return `status = error
appender.file.type = RollingFile
appender.file.name = file
appender.file.fileName = ${path.join(folder, 'kafka.log')}
appender.file.filePattern = ${path.join(folder, 'kafka.log.%i')}
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d %p %c{1} %m%n
appender.file.policies.type = Policies
appender.file.policies.size.type = SizeBasedTriggeringPolicy
appender.file.policies.size.size = 8MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 3
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %m %throwable{3}%n
rootLogger.level = warn
rootLogger.appenderRef.file.ref = file
rootLogger.appenderRef.console.ref = console
rootLogger.appenderRef.console.level = error
logger.start.name = kafka.server
logger.start.level = info
`;
}
