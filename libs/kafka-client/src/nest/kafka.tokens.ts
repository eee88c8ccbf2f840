/** Inject the `KafkaConfig` of the app, and the `KafkaTools` (logger and metrics) of its Kafka parts. */
export const KAFKA_CONFIG = Symbol('kafka config');
export const KAFKA_TOOLS = Symbol('kafka tools');
