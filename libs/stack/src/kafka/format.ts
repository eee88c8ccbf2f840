import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Java } from '../jars';
import { runTool } from '../run-tool';
import { StackError } from '../stack-error';
import { asProperties, type NodeLayout } from './settings';

/** The cluster's id, kept from the first start on; a new one when no node has been formatted. */
export function clusterIdOf(nodes: NodeLayout[]): string {
  for (const node of nodes) {
    const file = path.join(node.folder, 'data', 'meta.properties');
    const id = existsSync(file) && /^cluster\.id=(.+)$/m.exec(readFileSync(file, 'utf8'))?.[1];
    if (id) return id.trim();
  }
  return newClusterId();
}

/** Kafka refuses an id that begins with a dash, as its own tools could not take it as an argument. */
function newClusterId(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? newClusterId() : id;
}

/** Formats a node's folder once. Done beside it and renamed, so a crash never leaves it half-way. `more`: arguments of
 * the tool that does it. */
export async function formatNode(
  node: NodeLayout,
  settings: Record<string, string>,
  clusterId: string,
  java: Java,
  more: string[] = [],
): Promise<void> {
  const data = path.join(node.folder, 'data');
  if (existsSync(data)) return;
  const fresh = path.join(node.folder, 'data.new');
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const file = path.join(node.folder, 'format.properties');
  writeFileSync(file, asProperties({ ...settings, 'log.dirs': fresh }));
  const tool = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', file];
  const args = [...java.flags, '-cp', java.classPath, ...tool, ...more];
  await runTool({ command: 'java', args, logFile: path.join(node.folder, 'format.log') }).catch(
    (error: Error) => {
      throw new StackError(`Kafka could not format ${node.folder}: ${error.message}`);
    },
  );
  renameSync(fresh, data);
  rmSync(file);
}
