import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder } from '../folders';
import { runTool } from '../run-tool';
import { StackError } from '../stack-error';

const pom = path.join(__dirname, '../../kafka/pom.xml');

/** The folder for the jars of exactly this pom; it exists only when it is whole. */
export function jarsFolder(): string {
  const digest = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  return cacheFolder(`kafka-${digest}`);
}

/** The Java class path of the broker. Maven fetches it the first time; later it needs no network. */
export async function resolveClassPath(): Promise<string> {
  const folder = jarsFolder();
  if (!existsSync(folder)) await download(folder);
  return path.join(folder, '*');
}

/** Renamed into place when whole: neither an abandoned download nor two at once leave half of it. */
async function download(folder: string): Promise<void> {
  const partial = `${folder}.${process.pid}`;
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${partial}`];
  try {
    await runTool({ command: 'mvn', args: ['-B', '-q', '-f', pom, ...goal], logFile: `${partial}.log` });
    if (!existsSync(folder)) renameSync(partial, folder);
  } catch (error) {
    const { message } = error as Error;
    const line = message.split('\n').find((text) => text.includes('[ERROR]')) ?? message;
    throw new StackError(
      `Maven could not fetch Kafka: ${line.trim()} Check the network or ~/.m2/settings.xml and start again.`,
    );
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}
