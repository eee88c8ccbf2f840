import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.resolve(__dirname, '../../../../..');

export type Mutant = 'unfenced' | 'ack-first' | 'unpublished';

/** Builds an api-chat that is broken on purpose; gives the path of its main.js, for tests alone. */
export async function buildMutant(mutant: Mutant): Promise<string> {
  const out = path.join('dist/mutants', mutant);
  const env = { entry: `apps/e2e/src/check/mutants/${mutant}.main.ts`, out };
  const flags = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  const rspack = path.join(root, 'node_modules/@rspack/cli/bin/rspack.js');
  await promisify(execFile)(process.execPath, [rspack, 'build', '--config', 'rspack.config.mjs', ...flags], {
    cwd: root,
  });
  return path.join(root, out, 'main.js');
}
