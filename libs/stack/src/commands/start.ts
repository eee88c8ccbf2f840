import path from 'node:path';
import { Listr, ListrLogger, type ListrLogLevels } from 'listr2';
import { Build } from '../build';
import { Home } from '../home';
import { Stack } from '../stack';
import type { StackOptions } from '../stack-options';
import { stopAsked } from '../stop-asked';
import type { SupervisorEvent } from '../supervisor';
import { startOptions } from './options';

/** `npm start`: resolves with the exit code when everything has been stopped again. */
export async function start(args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const began = Date.now();
  const options = { ...startOptions(args, env), onEvent: say };
  const stack = new Stack(options);
  const build = new Build(new Home(options.home));
  const asked = stopAsked();
  try {
    const ready = progress(stack, build, options)
      .run()
      .then(() => 'ready' as const);
    // Stopping makes the step under way fail; it has nothing to tell any more.
    ready.catch(() => undefined);
    if ((await Promise.race([ready, asked])) === 'ready') {
      console.log(welcome(stack, options, Date.now() - began));
      await asked;
    }
    console.log('Stopping …');
    return 0;
  } finally {
    await Promise.all([build.stop(), stack.stop()]);
  }
}

function progress(stack: Stack, build: Build, { history }: StackOptions): Listr {
  const ground = [
    { title: 'Apps built', task: () => build.run() },
    { title: 'Kafka', task: () => stack.startKafka() },
    { title: 'PostgreSQL', task: () => stack.startPostgres() },
    { title: 'Cassandra', enabled: () => history === 'cql', task: () => stack.startCassandra() },
  ];
  return new Listr(
    [
      { title: 'Java, Maven, disk and ports', task: () => stack.check() },
      {
        title: 'Build, Kafka and PostgreSQL',
        task: (_, task) => task.newListr(ground, { concurrent: true }),
      },
      { title: 'Services', task: () => stack.startServices() },
      { title: 'Gateways', task: () => stack.startGateways() },
    ],
    {
      registerSignalListeners: false,
      // A terminal that does not know its width would get one letter a line.
      fallbackRendererCondition: () => (process.stdout.columns ?? 0) < 20,
      fallbackRenderer: 'simple',
      fallbackRendererOptions: { logger: new WithoutReasons() },
      rendererOptions: { collapseSubtasks: false, collapseErrors: false, showErrorMessage: false },
    },
  );
}

/** Without a terminal: the list on standard output, the reason of a failure once, on standard error, at the end. */
class WithoutReasons extends ListrLogger<ListrLogLevels> {
  override log(level: ListrLogLevels, message: string | string[]): void {
    super.log(level, message);
  }
}

function say(event: SupervisorEvent): void {
  if (event.type === 'restarted') console.log(`${event.name} runs again (process ${event.pid}).`);
  else console.log(`${event.name} ended ${event.how}; it is started again in ${event.restartInMs} ms.`);
}

function welcome(stack: Stack, options: StackOptions, tookMs: number): string {
  const [url = ''] = stack.urls;
  const body = JSON.stringify({
    email: 'ada@example.com',
    name: 'Ada',
    password: 'correct horse battery staple',
  });
  const folder = path.relative(process.cwd(), options.home) || '.';
  return `
Maru is ready after ${(tookMs / 1000).toFixed(1)} s: ${stack.urls.join(' and ')}
MQTT: ${stack.run.mqtt.join(' and ')}
Data, logs and run.json are in ${folder}; Ctrl-C stops everything and keeps the data.

The page to talk on: ${url}/ (a private window makes a second user)

Sign up the first user from here:
  curl -X POST ${url}/api/users -H 'content-type: application/json' -d '${body}'

The other routes: ${url}/docs
`;
}
