import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeTempFolder, removeFolder } from './folders';
import { askBroker } from './kafka/probe';
import { readRunFile } from './run-file';
import type { StackOptions } from './stack-options';
import { type RunningStack, startStack } from './start-stack';
import type { SupervisorEvent } from './supervisor';
import { StandInApps } from './testing/stand-in-apps';
import { isGone, until } from './testing/until';

describe('a whole stack', () => {
  let folder: string;
  let apps: StandInApps;
  let events: SupervisorEvent[];
  let stack: RunningStack | undefined;
  beforeEach(() => {
    folder = makeTempFolder();
    apps = new StandInApps(folder);
    events = [];
  });
  afterEach(async () => {
    await stack?.stop();
    removeFolder(folder);
  });

  const home = () => path.join(folder, 'home');
  const options = (own: Partial<StackOptions> = {}): StackOptions => ({
    home: home(),
    ports: 'free',
    apps: apps.mains,
    onEvent: (event) => events.push(event),
    ...own,
    env: { ...apps.env, ...own.env },
  });
  const start = async (own: Partial<StackOptions> = {}) => (stack = await startStack(options(own)));
  /** Neither a Kafka nor a PostgreSQL of its own: enough for what is about the apps. */
  const elsewhere = {
    kafkaBrokers: ['127.0.0.1:1'],
    databaseUrl: 'postgres://me:secret@127.0.0.1:1/postgres',
  };
  const envOf = async (url: string) => (await (await fetch(`${url}/env`)).json()) as NodeJS.ProcessEnv;
  const pids = () => new Map(stack?.run.processes.map((one) => [one.name, one.pid]));

  it('runs two gateways and two writers on one broker, tells where, keeps its data and stops in order', async () => {
    const first = await start({ gateways: 2, writers: 2 });
    const names = [
      'kafka',
      'postgres',
      'api-users',
      'api-auth',
      'api-chat',
      'api-chat-2',
      'gateway',
      'gateway-2',
    ];
    expect([...pids().keys()].sort()).toEqual(names.sort());
    expect(readRunFile(home())).toEqual(first.run);
    expect(statSync(path.join(home(), 'run.json')).mode & 0o077).toBe(0);
    expect(first.urls).toHaveLength(2);
    expect((await askBroker(first.run.brokers[0] ?? '')).clusterId).toBe(first.run.clusterId);
    expect(apps.notes().filter((note) => note.startsWith('gateway'))).toEqual(
      Array(2).fill('gateway starts 200 200 200 200'),
    );

    const { clusterId, databaseUrl } = first.run;
    const all = [...pids().values()];
    const began = Date.now();
    await first.stop();
    expect(Date.now() - began).toBeLessThan(30_000);
    expect(all.every(isGone)).toBe(true);
    expect(readRunFile(home())).toBeUndefined();
    const stops = apps.notes().filter((note) => note.endsWith('stops'));
    expect(stops.slice(0, 2)).toEqual(['gateway stops', 'gateway stops']);
    expect(stops).toHaveLength(6);

    const second = await start();
    expect(second.run.clusterId).toBe(clusterId);
    expect(new URL(second.run.databaseUrl).password).toBe(new URL(databaseUrl).password);
  }, 90_000);

  it('hands each app what it needs, and a secret that stays', async () => {
    const { run, urls } = await start({ ...elsewhere, writers: 2 });
    const gateway = await envOf(urls[0] ?? '');
    expect(gateway).toMatchObject({
      KAFKA_BROKERS: '127.0.0.1:1',
      USERS_URL: run.users,
      AUTH_URL: run.auth,
      CHAT_URL: run.chat.join(','),
    });
    expect(gateway).not.toHaveProperty('DATABASE_URL');
    const chat = await envOf(run.chat[1] ?? '');
    expect(chat.DATABASE_URL).toBe('postgres://me:secret@127.0.0.1:1/maru_chat');
    expect(chat.INTERNAL_SECRET).toBe(gateway.INTERNAL_SECRET);
    expect(readFileSync(path.join(home(), 'secret'), 'utf8')).toBe(chat.INTERNAL_SECRET);
    expect(statSync(path.join(home(), 'secret')).mode & 0o077).toBe(0);
  });

  it('starts again at once what was killed: an app, the broker, the database', async () => {
    await start();
    for (const name of ['api-chat', 'gateway', 'kafka', 'postgres']) {
      const before = pids().get(name) ?? 0;
      const killedAt = Date.now();
      stack?.processes.get(name)?.kill('SIGKILL');
      const after = await until(() =>
        readRunFile(home())?.processes.find((one) => one.name === name && one.pid !== before),
      );
      expect(Date.now() - killedAt).toBeLessThan(6_000);
      expect(isGone(after.pid)).toBe(false);
    }
    await until(() => askBroker(stack?.run.brokers[0] ?? '').catch(() => false), 20_000);
    // At once, however long the machine takes for it.
    const pauses = events.flatMap((event) => (event.type === 'ended' ? [event.restartInMs] : []));
    expect(pauses).toEqual([100, 100, 100, 100]);
    const words = events.map((event) => `${event.name} ${event.type}`);
    expect(words).toEqual(
      expect.arrayContaining(['kafka ended', 'kafka restarted', 'gateway ended', 'gateway restarted']),
    );
  }, 60_000);

  it('leaves dead what a test wants dead, and starts it when told', async () => {
    await start(elsewhere);
    const chat = stack?.processes.get('api-chat');
    if (chat) chat.restarts = false;
    chat?.kill('SIGKILL');
    await until(() => events.some((event) => event.type === 'ended' && event.restartInMs === null));
    expect(chat?.pid).toBeUndefined();
    await chat?.start();
    expect((await fetch(`${stack?.run.chat[0]}/health/ready`)).status).toBe(200);
  });

  it('fails with the words of the app that does not start, and leaves no process', async () => {
    const failing = start({ ...elsewhere, env: { STAND_IN_FAILS: 'api-auth' } });
    await expect(failing).rejects.toThrow(/api-auth ended with code 1[^]*there is nothing there/);
    expect(apps.notes()).not.toContain('gateway starts');
    expect(readRunFile(home())).toBeUndefined();
  });

  it('refuses a second start in the same folder', async () => {
    await start(elsewhere);
    await expect(startStack(options(elsewhere))).rejects.toThrow(
      `Maru already runs from ${home()} (process ${process.pid})`,
    );
    expect(readRunFile(home())).toEqual(stack?.run);
  });

  it('refuses a folder in which an earlier start left a process, and goes on after it is gone', async () => {
    const left = spawn('sleep', ['600']);
    mkdirSync(home(), { recursive: true });
    const { processIdentity } = await import('./process-identity');
    const entry = { name: 'kafka', pid: left.pid, identity: processIdentity(left.pid ?? 0) };
    writeFileSync(path.join(home(), 'run.json'), JSON.stringify({ processes: [entry] }));
    writeFileSync(path.join(home(), 'lock'), '999999/1');
    await expect(startStack(options(elsewhere))).rejects.toThrow(
      `kafka (${left.pid}) running: end them with "kill -9 ${left.pid}"`,
    );
    left.kill('SIGKILL');
    await start(elsewhere);
  });

  it('leaves no process when its supervisor is killed, and the folder starts again', async () => {
    const script = path.join(folder, 'supervisor.ts');
    const given = JSON.stringify({ home: home(), ports: 'free', apps: apps.mains, env: apps.env });
    writeFileSync(
      script,
      `import { startStack } from ${JSON.stringify(path.join(__dirname, 'index'))}; void startStack(${given});`,
    );
    const supervisor = spawn(process.execPath, ['--import', 'tsx', script], {
      stdio: 'inherit',
      cwd: __dirname,
    });
    const run = await until(() => {
      const now = readRunFile(home());
      return now?.processes.some((one) => one.name === 'gateway') && now;
    }, 40_000);
    supervisor.kill('SIGKILL');
    await until(() => run.processes.every((one) => isGone(one.pid)));
    const again = await start();
    expect(again.run.clusterId).toBe(run.clusterId);
  }, 90_000);
});
