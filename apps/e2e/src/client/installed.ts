import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { makeTempFolder } from '@maru/stack';

export const root = path.resolve(__dirname, '../../../..');
/** The package as it was built. */
export const built = path.join(root, 'dist/libs/client');

/** The folder of a new project that has installed it, and nothing else. */
export function projectWithClient(): string {
  const project = makeTempFolder('maru-client-');
  mkdirSync(path.join(project, 'node_modules/@maru'), { recursive: true });
  cpSync(built, path.join(project, 'node_modules/@maru/client'), { recursive: true });
  return project;
}
