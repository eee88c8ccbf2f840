import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { jvmFlags } from '../jars';

export interface CassandraLayout {
  folder: string;
  /** Where it speaks CQL. */
  port: number;
  /** Where nodes would speak to one another. */
  storagePort: number;
}

/** cassandra.yaml, which is JSON as well: one small node, which says yes only to what is on its disk. */
export function cassandraSettings({ port, storagePort }: CassandraLayout): string {
  const settings = {
    cluster_name: 'maru',
    num_tokens: 1,
    auto_bootstrap: false,
    partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner',
    endpoint_snitch: 'SimpleSnitch',
    dynamic_snitch: false,
    seed_provider: [
      {
        class_name: 'org.apache.cassandra.locator.SimpleSeedProvider',
        parameters: [{ seeds: `127.0.0.1:${storagePort}` }],
      },
    ],
    listen_address: '127.0.0.1',
    storage_port: storagePort,
    rpc_address: '127.0.0.1',
    start_native_transport: true,
    native_transport_port: port,
    // The only copy: with `periodic` a killed node would forget what it has just said yes to.
    commitlog_sync: 'batch',
    commitlog_segment_size: '8MiB',
    commitlog_total_space: '64MiB',
    memtable_heap_space: '64MiB',
    memtable_offheap_space: '64MiB',
    file_cache_size: '32MiB',
    networking_cache_size: '16MiB',
    key_cache_size: '8MiB',
    auto_snapshot: false,
  };
  return `${JSON.stringify(settings, null, 2)}\n`;
}

/** Warnings and the few lines that tell a start, in files of 8 MB; errors on the console as well. */
export function logbackConfig(folder: string): string {
  const file = path.join(folder, 'cassandra.log');
  return `<configuration>
  <appender name="file" class="ch.qos.logback.core.rolling.RollingFileAppender">
    <file>${file}</file>
    <rollingPolicy class="ch.qos.logback.core.rolling.FixedWindowRollingPolicy">
      <fileNamePattern>${file}.%i</fileNamePattern>
      <minIndex>1</minIndex>
      <maxIndex>3</maxIndex>
    </rollingPolicy>
    <triggeringPolicy class="ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy"><maxFileSize>8MB</maxFileSize></triggeringPolicy>
    <encoder><pattern>%date %level %logger{0} %msg%n</pattern></encoder>
  </appender>
  <appender name="console" class="ch.qos.logback.core.ConsoleAppender">
    <filter class="ch.qos.logback.classic.filter.ThresholdFilter"><level>ERROR</level></filter>
    <encoder><pattern>%date %level %msg%n</pattern></encoder>
  </appender>
  <root level="WARN"><appender-ref ref="file"/><appender-ref ref="console"/></root>
  <logger name="org.apache.cassandra.service" level="INFO"/>
</configuration>
`;
}

const exported = [
  'java.base/jdk.internal.misc',
  'java.management.rmi/com.sun.jmx.remote.internal.rmi',
  'java.rmi/sun.rmi.registry',
  'java.rmi/sun.rmi.server',
  'java.sql/java.sql',
  'java.base/java.lang.ref',
  'jdk.unsupported/sun.misc',
];
const opened = [
  'java.base/java.lang.module',
  'java.base/jdk.internal.loader',
  'java.base/jdk.internal.ref',
  'java.base/jdk.internal.reflect',
  'java.base/jdk.internal.math',
  'java.base/jdk.internal.module',
  'java.base/jdk.internal.util.jar',
  'jdk.management/com.sun.management.internal',
  'java.base/sun.nio.ch',
  'java.base/java.io',
  'java.base/java.lang',
  'java.base/java.lang.reflect',
  'java.base/java.util',
  'java.base/java.nio',
];

/** Quick to start, without the second compiler and the pauses in which a node of a cluster listens for others. */
export function cassandraFlags(folder: string): string[] {
  return [
    ...jvmFlags,
    '-XX:TieredStopAtLevel=1',
    '-Djava.security.manager=allow',
    '-Djdk.attach.allowAttachSelf=true',
    '-Dio.netty.tryReflectionSetAccessible=true',
    ...exported.map((name) => `--add-exports=${name}=ALL-UNNAMED`),
    ...opened.map((name) => `--add-opens=${name}=ALL-UNNAMED`),
    `-Dcassandra.config=${pathToFileURL(path.join(folder, 'cassandra.yaml')).href}`,
    `-Dcassandra.storagedir=${folder}`,
    `-Dlogback.configurationFile=${path.join(folder, 'logback.xml')}`,
    '-Dcassandra-foreground=yes',
    '-Dcassandra.ring_delay_ms=0',
    '-Dcassandra.skip_wait_for_gossip_to_settle=0',
    '-Dcassandra.superuser_setup_delay_ms=0',
  ];
}
