import { KafkaTransport } from '@maru/kafka-client';
import {
  ConfigError,
  createLogger,
  exitOnError,
  readServiceEnvironment,
  runService,
} from '@maru/service-kit';
import { AppModule } from './app.module';
import { mustFindArchive } from './archive/cql.config';
import { moveHistory } from './archive/move-history.command';
import { type ChatEnv, chatEnv, mustHaveWebhookSecret } from './chat.config';
import { anotherLog, repartition } from './topology/topology.command';
import { acceptLostLog } from './writer/accept-lost-log.command';

/** For people: `node main.js <command>` instead of a start. */
type Command = (env: ChatEnv, say: (line: string) => void, args: string[]) => Promise<void>;
const commands = new Map<string, Command>([
  ['accept-lost-log', acceptLostLog],
  ['another-log', anotherLog],
  ['move-history', (env, say, args) => moveHistory(args, env, say)],
  ['repartition', repartition],
]);

exitOnError(async () => {
  const env = readServiceEnvironment(chatEnv);
  mustHaveWebhookSecret(env);
  mustFindArchive(env);
  const [, , word, ...args] = process.argv;
  if (word !== undefined) {
    const command = commands.get(word);
    if (command === undefined)
      throw new ConfigError(`There is no ${word}, only: ${[...commands.keys()].join(', ')}.`);
    return command(env, (line) => void process.stdout.write(`${line}\n`), args);
  }
  const logger = createLogger('api-chat', env.LOG_LEVEL);
  await runService({
    app: 'api-chat',
    port: env.PORT,
    env,
    logger,
    module: AppModule.forRoot(env, logger),
    transport: (app) => KafkaTransport.of(app, { group: 'api-chat-users' }),
  });
});
