import { readFileSync, rmSync } from 'node:fs';
import { type ChildSpec, spawnChild } from './child';
import { describeExit } from './managed-process';

/**
 * Runs a program to its end and returns what it wrote. Like every child it ends when we do: neither a
 * download nor a half-made folder goes on in the background after Ctrl-C.
 * @throws Error with what it wrote, when its exit code is not 0.
 */
export async function runTool(spec: Omit<ChildSpec, 'env'>): Promise<string> {
  rmSync(spec.logFile, { force: true });
  const exit = await spawnChild({ ...spec, env: process.env }).exited;
  const output = readFileSync(spec.logFile, 'utf8').trim();
  rmSync(spec.logFile, { force: true });
  if (exit.code === 0) return output;
  throw new Error(`${spec.command} ended ${describeExit(exit)}: ${output}`);
}
