import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder } from './folders';
import { runTool } from './run-tool';
import { StackError } from './stack-error';

/** What runs on Java here, by the folder of its pom, and its name. */
export const javaServers = { kafka: 'Kafka', cassandra: 'Cassandra' } as const;
export type JavaServer = keyof typeof javaServers;

/** Small, quick to start and single-threaded in its collection: it shares a laptop with everything else. */
export const jvmFlags = [
  '-Xmx512m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:-UsePerfData',
  '-XX:+ExitOnOutOfMemoryError',
  '-Djava.awt.headless=true',
];

const pomOf = (server: JavaServer): string => path.join(__dirname, '..', server, 'pom.xml');

/** The folder for the jars of exactly this pom; it exists only when it is whole. */
export function jarsFolder(server: JavaServer): string {
  const digest = createHash('sha256')
    .update(readFileSync(pomOf(server)))
    .digest('hex')
    .slice(0, 12);
  return cacheFolder(`${server}-${digest}`);
}

/** The Java class path of the server. Maven fetches it the first time; later it needs no network. */
export async function resolveClassPath(server: JavaServer): Promise<string> {
  const folder = jarsFolder(server);
  if (!existsSync(folder)) await download(server, folder);
  return path.join(folder, '*');
}

/** Renamed into place when whole: neither an abandoned download nor two at once leave half of it. */
async function download(server: JavaServer, folder: string): Promise<void> {
  const partial = `${folder}.${process.pid}`;
  const pom = pomOf(server);
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${partial}`];
  try {
    await runTool({ command: 'mvn', args: ['-B', '-q', '-f', pom, ...goal], logFile: `${partial}.log` });
    if (!existsSync(folder)) renameSync(partial, folder);
  } catch (error) {
    const { message } = error as Error;
    const line = message.split('\n').find((text) => text.includes('[ERROR]')) ?? message;
    throw new StackError(
      `Maven could not fetch ${javaServers[server]}: ${line.trim()} Check the network or ~/.m2/settings.xml and start again.`,
    );
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}
