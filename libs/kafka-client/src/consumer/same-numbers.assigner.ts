import { AssignerProtocol, type PartitionAssigner } from 'kafkajs';

/** Gives the partitions of one number, of all topics, to the same member. */
export const sameNumbers: PartitionAssigner = ({ cluster }) => ({
  name: 'same-numbers',
  version: 1,
  assign: async ({ members, topics }) => {
    const ids = members.map(({ memberId }) => memberId).sort();
    const partitionsOf = (index: number): Record<string, number[]> =>
      Object.fromEntries(
        topics.map((topic) => [
          topic,
          cluster
            .findTopicPartitionMetadata(topic)
            .map(({ partitionId }) => partitionId)
            .filter((partition) => partition % ids.length === index),
        ]),
      );
    return ids.map((memberId, index) => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({
        version: 1,
        assignment: partitionsOf(index),
        userData: Buffer.alloc(0),
      }),
    }));
  },
  protocol: ({ topics }) => ({
    name: 'same-numbers',
    metadata: AssignerProtocol.MemberMetadata.encode({ version: 1, topics, userData: Buffer.alloc(0) }),
  }),
});
