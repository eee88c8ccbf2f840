import { AssignerProtocol, type PartitionAssigner } from 'kafkajs';

/** Gives the group's only member exactly the named partitions; kafkajs cannot be told them otherwise. */
export const chosenPartitions =
  (partitions: Record<string, number[]>): PartitionAssigner =>
  () => ({
    name: 'chosen-partitions',
    version: 1,
    assign: async ({ members }) =>
      members.map(({ memberId }) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version: 1,
          assignment: partitions,
          userData: Buffer.alloc(0),
        }),
      })),
    protocol: ({ topics }) => ({
      name: 'chosen-partitions',
      metadata: AssignerProtocol.MemberMetadata.encode({ version: 1, topics, userData: Buffer.alloc(0) }),
    }),
  });
