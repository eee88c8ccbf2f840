export { freePort } from './free-port';
export { makeTempFolder, removeFolder } from './folders';
export { type KafkaCluster, type KafkaNode, type KafkaOptions, startKafka } from './kafka/cluster';
export { type Postgres, type PostgresOptions, startPostgres } from './postgres/server';
