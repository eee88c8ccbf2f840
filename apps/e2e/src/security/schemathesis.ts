import { execFile, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder, makeTempFolder, removeFolder } from '@maru/stack';
import type { Maru } from '../support/maru';

const pinned = readFileSync(path.join(__dirname, 'schemathesis.requirements.txt'), 'utf8').trim();
const packages = cacheFolder(pinned.replace('==', '-'));
const python = ['-m', 'schemathesis.cli'];
const env = { ...process.env, PYTHONPATH: packages };

/** Whether it is installed here; says how to install it when it is not. */
export function hasSchemathesis(): boolean {
  if (spawnSync('python3', [...python, '--version'], { env }).status === 0) return true;
  process.stdout.write(
    `skipped: Schemathesis over the OpenAPI; "python3 -m pip install --upgrade --target ${packages} ${pinned}" installs it ` +
      `(pip: apt-get install python3-pip)\n`,
  );
  return false;
}

const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'ignored_auth',
];
/** A session would be over for all that follows. */
export const fatal = 'DELETE /api/users/me';
/** The one would be waited for without end, the other may log out. */
const apart = ['GET /api/stream', 'POST /api/commands'];
export const nothing = { code: 0, findings: '' };

/** Which routes are tried, as the program's arguments. */
export const allBut = (names: readonly string[]): string[] =>
  [...names, ...apart].flatMap((name) => ['--exclude-name', name]);
export const ofServer = ['--include-path-regex', '^/api/server/'];

export interface Known {
  room?: string;
  user?: string;
  session?: string;
}
export interface Extent {
  phases: string;
  examples: number;
}

/** Random requests with a token or a server key, right ones and wrong ones, to these routes; the same ones each time. */
export async function attempt(
  maru: Maru,
  token: string,
  known: Known,
  { phases, examples }: Extent,
  operations: readonly string[],
): Promise<typeof nothing> {
  const folder = makeTempFolder();
  const config = path.join(folder, 'schemathesis.toml');
  writeFileSync(config, settings(known));
  const args = [
    ...[...python, '--config-file', config, '--no-color', 'run', `${maru.urls[0]}/docs/openapi.json`],
    ...['--url', maru.urls[0] ?? '', '--header', `Authorization: Bearer ${token}`],
    ...['--checks', checks.join(), '--max-examples', String(examples), '--phases', phases],
    ...['--generation-database', 'none', '--seed', '1'],
    ...['--continue-on-failure', '--request-timeout', '30', '--warnings', 'off'],
    ...operations,
  ];
  const result = await new Promise<typeof nothing>((resolve) => {
    execFile('python3', args, { cwd: folder, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error === null) return resolve(nothing);
      // A child that a signal ended has no code.
      const code = typeof error.code === 'number' ? error.code : -1;
      const signal = error.signal ? `ended by ${error.signal}\n` : '';
      resolve({ code, findings: `${signal}${`${stdout}${stderr}`.slice(-6000)}` });
    });
  });
  removeFolder(folder);
  return result;
}

/** Ids of the path are those that are known. */
function settings({ room, user, session }: Known): string {
  const path = (names: Record<string, string | undefined>) =>
    Object.entries(names).flatMap(([name, id]) => (id === undefined ? [] : [`"path.${name}" = "${id}"`]));
  const ids: [string, string[]][] = [
    ['^/api/(server/)?rooms/\\\\{id\\\\}', path({ id: room, userId: user })],
    ['^/api/(server/)?users/\\\\{id\\\\}', path({ id: user })],
    ['^/api/users/me/(friends|blocks)/', path({ id: user })],
    ['^/api/direct/', path({ userId: user })],
    ['^/api/auth/sessions/', path({ id: session })],
  ];
  const operations = ids
    .filter(([, parameters]) => parameters.length > 0)
    .map(
      ([at, parameters]) =>
        `[[operations]]\ninclude-path-regex = "${at}"\nparameters = { ${parameters.join(', ')} }\n`,
    );
  return ['[phases.coverage]\nunexpected-methods = []\n', ...operations].join('\n');
}
