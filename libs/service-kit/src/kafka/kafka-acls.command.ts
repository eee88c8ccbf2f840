import { kafkaAccess, topics } from '@maru/contracts';
import {
  aclArguments,
  aclsOf,
  deadLetterTopic,
  deadLetterTopicSpec,
  kafkaConfigFrom,
  kafkaEnv,
  retryTopic,
  TopicsAdmin,
  type TopicSpec,
} from '@maru/kafka-client';
import { readEnvironment } from '../config/environment';
import { topicsEnv, topicSpecs } from './topic-specs';

const usage = `Usage: kafka-acls show
       kafka-acls apply
Access control for a Kafka on which each app has a user of its own, named as the app. show: what each is allowed,
a line for Kafka's own kafka-acls each. apply: makes the topics that are missing, and allows it. Brokers, log-in
and the topics' settings come from the environment, as for the apps; the user must be one who may do both.`;

const acls = Object.entries(kafkaAccess).flatMap(([app, access]) => aclsOf(app, access));

async function main([action, ...rest]: string[]): Promise<void> {
  if ((action !== 'show' && action !== 'apply') || rest.length > 0) throw new Error(usage);
  if (action === 'show') return void process.stdout.write(`${acls.map(aclArguments).join('\n')}\n`);
  const env = readEnvironment({ ...kafkaEnv, ...topicsEnv });
  const config = kafkaConfigFrom(env, 'kafka-acls');
  const aside = Object.values(kafkaAccess).flatMap(({ putsAside, handedAgain }): TopicSpec[] =>
    [...putsAside.map(deadLetterTopic), ...handedAgain.map(retryTopic)].map((name) =>
      deadLetterTopicSpec(name, config),
    ),
  );
  const admin = new TopicsAdmin(config);
  try {
    await admin.ensure([...topicSpecs(Object.values(topics), env), ...aside]);
    await admin.allow(acls);
  } finally {
    await admin.stop();
  }
  process.stdout.write(
    `${Object.keys(kafkaAccess).join(', ')}: ${acls.length} rules allowed, topics there\n`,
  );
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
