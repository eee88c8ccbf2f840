/** A topic as it has to be. `config` are the broker's own names: retention.ms, cleanup.policy, min.insync.replicas … */
export interface TopicSpec {
  name: string;
  partitions: number;
  replicationFactor: number;
  config: Record<string, string>;
}

export interface TopicDescription {
  name: string;
  partitions: number;
  replicationFactor: number;
  /** The cluster's id of this very topic: another after it was deleted and made again. */
  topicId?: string;
}
