import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { workspaceRoot } from './apps';

/** What docs/operate.md tells an operator to run: what the expression finds in its text. @throws Error when it finds nothing */
export function documented(what: RegExp): string {
  const text = readFileSync(path.join(workspaceRoot, 'docs/operate.md'), 'utf8');
  const [command] = what.exec(text) ?? [];
  if (command === undefined) throw new Error(`docs/operate.md has nothing like ${String(what)}`);
  return command;
}

/** Runs it in a shell. @returns what it says on its standard output @throws Error when it fails */
export async function runInShell(
  command: string,
  where: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<string> {
  return (await promisify(execFile)('sh', ['-c', command], where)).stdout;
}
