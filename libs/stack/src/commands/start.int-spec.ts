import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { appNames, workspaceRoot } from '../apps';
import { makeTempFolder, removeFolder } from '../folders';
import { freePorts, portSettings } from '../ports';
import { readRunFile } from '../run-file';
import { MaruCommand } from '../testing/maru-command';
import { isGone, until } from '../testing/until';

/** The command as people run it, with the apps as the build makes them. */
describe('npm start', () => {
  let folder: string;
  let command: MaruCommand | undefined;
  beforeEach(() => {
    folder = makeTempFolder();
  });
  afterEach(async () => {
    command?.signal('SIGKILL');
    await command?.ended;
    await until(() => readRunFile(home())?.processes.every((one) => isGone(one.pid)) ?? true);
    removeFolder(folder);
  });

  const home = () => path.join(folder, 'home');

  async function start(args: string[]): Promise<MaruCommand> {
    const ports = await freePorts({ gateways: 1, writers: 1, brokers: 1 });
    const env: NodeJS.ProcessEnv = { MARU_HOME: home() };
    for (const [key, setting] of Object.entries(portSettings)) {
      const port = ports[({ kafkaController: 'kafkaControllers' }[key] ?? key) as keyof typeof ports] as
        number | number[] | undefined;
      if (port !== undefined) env[setting.env] = String(port);
    }
    return (command = new MaruCommand(['start', ...args], env));
  }

  const sizes = () =>
    appNames.map((app) => statSync(path.join(workspaceRoot, 'dist/apps', app, 'main.js')).size);

  it('ends with a running system, its address and a first command; SIGTERM ends it without a trace', async () => {
    const maru = await start(['--gateways', '2']);
    await until(() => maru.said.includes('Maru is ready') || !maru.running, 90_000);
    expect(maru.said).toMatch(/Maru is ready after \d+\.\d s: http:\/\/127\.0\.0\.1:\d+ and http/);
    const run = readRunFile(home());
    expect(maru.said).toContain(`curl -X POST ${run?.url}/api/users`);
    for (const url of run?.gateways ?? []) expect((await fetch(`${url}/health/ready`)).status).toBe(200);

    const stoppedAt = Date.now();
    process.kill(run?.pid ?? 0, 'SIGTERM');
    expect(await maru.ended).toMatchObject({ code: 0, stderr: '' });
    expect(Date.now() - stoppedAt).toBeLessThan(30_000);
    expect(run?.processes).toHaveLength(7);
    expect(run?.processes.filter((one) => !isGone(one.pid))).toEqual([]);
    expect(existsSync(path.join(home(), 'lock'))).toBe(false);
  }, 120_000);

  it('stops as well in the middle of its start, and cuts no file that is being built', async () => {
    const built = sizes();
    const maru = await start([]);
    const run = await until(() => readRunFile(home()), 60_000);
    const stoppedAt = Date.now();
    maru.signal('SIGINT');
    expect(await maru.ended).toMatchObject({ code: 0, stderr: '' });
    expect(Date.now() - stoppedAt).toBeLessThan(30_000);
    expect(run.processes.filter((one) => !isGone(one.pid))).toEqual([]);
    expect(readRunFile(home())).toBeUndefined();
    expect(sizes()).toEqual(built);
  }, 90_000);
});
