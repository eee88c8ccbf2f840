export {
  kafkaConfig,
  kafkaConfigFrom,
  kafkaEnv,
  type KafkaConfig,
  type KafkaEnv,
} from './config/kafka.config';
export * from './errors';
export { silentLogger, type Logger } from './logger';
export { KafkaMetrics } from './metrics';
export type { KafkaTools } from './tools';
export type { IncomingRecord, OutgoingRecord, RecordPosition, TopicPartition } from './records/record';
export { murmur2, partitionOf } from './records/murmur2';
export { cloudEventHeaders, type CloudEvent } from './records/cloud-event';
export { ProducerService } from './producer/producer.service';
export { ConsumerService } from './consumer/consumer.service';
export type {
  PartitionQueue,
  PartitionWorker,
  RunningSubscription,
  Subscription,
} from './consumer/subscription';
export {
  recordWorker,
  runWorker,
  type RecordWorkerOptions,
  type Run,
  type RunWorkerOptions,
} from './consumer/record-worker';
export { DeadLetters, type DeadLettersParts } from './dead-letters/dead-letters';
export {
  deadLetterTopic,
  deadLetterTopicSpec,
  retryTopic,
  sourceOf,
  type DeadLetter,
} from './dead-letters/dead-letter';
export { ofSurroundings } from './dead-letters/surroundings';
export { KafkaModule, type KafkaModuleOptions } from './nest/kafka.module';
export { KafkaTransport, type KafkaTransportOptions } from './nest/kafka-transport';
export { KAFKA_CONFIG, KAFKA_TOOLS } from './nest/kafka.tokens';
export { KeepErrorFilter } from './nest/keep-error.filter';
export { type EventContracts } from './nest/payload';
export { RecordContext } from './nest/record-context';
export { type Acl, aclArguments, aclsOf } from './topics/acls';
export { TopicsAdmin } from './topics/topics-admin';
export type { TopicDescription, TopicSpec } from './topics/topic-spec';
export { RequestClient, type KafkaRequest, type RequestOptions } from './requests/request-client';
export { ReplyService, type Reply } from './requests/reply.service';
export { causeOf, replyAddress, replyAddressHeaders, type ReplyAddress } from './requests/reply-address';
export { beginRecord, beginTaking, traceOf } from './tracing/record-trace';
export { activeIds, Step, type Trace, tracesAreOn, turnTracesOn } from './tracing/step';
