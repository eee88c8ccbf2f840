import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder } from '@maru/stack';
import { parseAllDocuments } from 'yaml';
import type { Resource } from './resource';

const version = readFileSync(path.join(__dirname, 'helm.version'), 'utf8').trim();
const folder = cacheFolder(`helm-${version}`);
const chart = path.resolve(__dirname, '../../docker/helm/maru');
/** The one of the cache comes first: it is of the version that is pinned. */
const helm = [path.join(folder, 'helm'), 'helm'].find(
  (command) => spawnSync(command, ['version']).status === 0,
);

/** Whether it is installed here; says how to install it when it is not. */
export function hasHelm(): boolean {
  if (helm !== undefined) return true;
  process.stdout.write(
    `skipped: the Helm chart; "GOBIN=${folder} go install helm.sh/helm/v4/cmd/helm@${version}" installs Helm ` +
      '(Go: apt-get install golang-go), or put one on the PATH\n',
  );
  return false;
}

/** What cannot be left out. */
const needed = { image: { registry: 'registry.example' }, secret: { name: 'maru-secrets' } };

/**
 * The chart as release `maru` has it with these values.
 * @throws with what Helm says when it refuses them.
 */
export function render(values: object = {}, { bare = false } = {}): Resource[] {
  const input = JSON.stringify(bare ? values : { ...needed, ...values });
  const args = ['template', 'maru', chart, '--namespace', 'chat', '--values', '-'];
  const { status, stdout, stderr } = spawnSync(helm ?? 'helm', args, { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return parseAllDocuments(stdout, { version: '1.1' }).flatMap((document) => {
    for (const error of document.errors) throw error;
    return (document.toJS() as Resource | null) ?? [];
  });
}
