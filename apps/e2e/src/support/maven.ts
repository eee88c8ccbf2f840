import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '@maru/stack';

/** The class path of what a pom names: Maven fetches the jars once for each version of it, into a folder of this name. */
export async function mavenClassPath(pom: string, name: string): Promise<string> {
  const digest = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  const jars = cacheFolder(`${name}-${digest}`);
  const partial = `${jars}.${process.pid}`;
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${partial}`];
  try {
    if (!existsSync(jars)) await promisify(execFile)('mvn', ['-B', '-q', '-f', pom, ...goal]);
    if (!existsSync(jars)) renameSync(partial, jars);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return path.join(jars, '*');
}
