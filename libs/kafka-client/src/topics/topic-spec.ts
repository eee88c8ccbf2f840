/** A topic as it has to be. `config` are the broker's own names: retention.ms, cleanup.policy, min.insync.replicas … */
export interface TopicSpec {
  name: string;
  partitions: number;
  replicationFactor: number;
  config: Record<string, string>;
}

/** A topic as it is. */
export interface TopicShape {
  name: string;
  partitions: number;
  replicationFactor: number;
}

export interface TopicDescription extends TopicShape {
  /** The cluster's id of this very topic: another after it was deleted and made again. */
  topicId: string;
}
