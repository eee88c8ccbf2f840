import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '@maru/stack';

const run = promisify(execFile);
const project = path.join(__dirname, '../../java');
const pom = path.join(project, 'pom.xml');
const sources = path.join(project, 'src/chat/maru/e2e');
const programs = readdirSync(sources).map((name) => path.join(sources, name));

let classPath: Promise<string> | undefined;

/** The class path of the Java clients: Maven fetches the libraries and javac compiles, once for each version of both. */
export const javaClassPath = (): Promise<string> => (classPath ??= made());

async function made(): Promise<string> {
  const digest = createHash('sha256');
  for (const file of [pom, ...programs]) digest.update(readFileSync(file));
  const folder = cacheFolder(`e2e-java-${digest.digest('hex').slice(0, 12)}`);
  if (!existsSync(folder)) await build(folder);
  return `${folder}${path.delimiter}${path.join(folder, '*')}`;
}

async function build(folder: string): Promise<void> {
  const partial = `${folder}.${process.pid}`;
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${partial}`];
  try {
    await run('mvn', ['-B', '-q', '-f', pom, ...goal]);
    await run('javac', ['-cp', path.join(partial, '*'), '-d', partial, ...programs]);
    if (!existsSync(folder)) renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}
