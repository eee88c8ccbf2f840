import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '@maru/stack';
import { mavenClassPath } from './maven';

const project = path.join(__dirname, '../../java');
const pom = path.join(project, 'pom.xml');
const sources = path.join(project, 'src/chat/maru/e2e');
const programs = readdirSync(sources).map((name) => path.join(sources, name));

let classPath: Promise<string> | undefined;

/** The class path of the Java clients: Maven fetches the libraries and javac compiles, once for each version of both. */
export const javaClassPath = (): Promise<string> => (classPath ??= made());

async function made(): Promise<string> {
  const jars = await mavenClassPath(pom, 'e2e-java');
  const digest = createHash('sha256');
  for (const file of [pom, ...programs]) digest.update(readFileSync(file));
  const folder = cacheFolder(`e2e-java-classes-${digest.digest('hex').slice(0, 12)}`);
  if (!existsSync(folder)) await compile(folder, jars);
  return `${folder}${path.delimiter}${jars}`;
}

async function compile(folder: string, jars: string): Promise<void> {
  const partial = `${folder}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  try {
    await promisify(execFile)('javac', ['-cp', jars, '-d', partial, ...programs]);
    if (!existsSync(folder)) renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}
