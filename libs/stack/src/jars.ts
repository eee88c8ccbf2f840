import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './folders';
import { runTool } from './run-tool';
import { StackError } from './stack-error';

/** What runs on Java here, by the folder of its pom, and its name. */
export const javaServers = { kafka: 'Kafka', cassandra: 'Cassandra' } as const;
export type JavaServer = keyof typeof javaServers;

/** Small, and single-threaded in its collection: it shares a laptop with everything else. */
export const jvmFlags = [
  '-Xmx512m',
  '-XX:+UseSerialGC',
  '-XX:-UsePerfData',
  '-XX:+ExitOnOutOfMemoryError',
  '-Djava.awt.headless=true',
];

/** How a JVM is started: what comes before the name of the class. */
export interface Java {
  classPath: string;
  flags: string[];
}

/** What `java -version` says. @throws Error when there is no Java on the PATH. */
export async function javaVersion(): Promise<string> {
  const { stderr, stdout } = await promisify(execFile)('java', ['-version']);
  return stderr + stdout;
}

const pomOf = (server: JavaServer): string => path.join(__dirname, '..', server, 'pom.xml');

/** The folder for the jars of exactly this pom; it exists only when it is whole. */
export const jarsFolder = (server: JavaServer): string =>
  cacheFolder(`${server}-${digestOf(readFileSync(pomOf(server)))}`);

const digestOf = (content: string | Buffer): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 12);

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

/**
 * Flags by which the server's classes, as an earlier run left them in an archive, are mapped into memory instead of
 * being read from the jars and checked again: less to do at each start, and less memory (class data sharing,
 * https://docs.oracle.com/en/java/javase/17/vm/class-data-sharing.html). The first start with a Java makes such a run:
 * `run` starts the server with the flags it is given, and ends it in order. Without an archive a start only takes longer,
 * so a run that fails, or a folder that cannot be written to, holds nobody up.
 */
export async function sharedClasses(
  server: JavaServer,
  run: (flags: string[]) => Promise<void>,
): Promise<string[]> {
  const archive = path.join(jarsFolder(server), `classes-${digestOf(await javaVersion())}.jsa`);
  if (!existsSync(archive)) await archiveClasses(archive, run);
  const bytes = statSync(archive, { throwIfNoEntry: false })?.size ?? 0;
  return bytes > 0 ? [`-XX:SharedArchiveFile=${archive}`, '-Xlog:cds*=off'] : [];
}

async function archiveClasses(archive: string, run: (flags: string[]) => Promise<void>): Promise<void> {
  const partial = `${archive}.${randomUUID()}`;
  try {
    await run([`-XX:ArchiveClassesAtExit=${partial}`]);
    // An empty one says that this Java makes none, so that it is not asked again.
    if (!existsSync(partial)) writeFileSync(partial, '');
    renameSync(partial, archive);
  } catch {
    rmSync(partial, { force: true });
  }
}
