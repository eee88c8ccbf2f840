import type { Logger } from './logger';
import type { KafkaMetrics } from './metrics';

/** What every part takes beside its config. */
export interface KafkaTools {
  logger?: Logger;
  metrics?: KafkaMetrics;
}
