import type { PartitionQueue } from '@maru/kafka-client';
import { inPlaces } from './places';

describe('a queue counted in places', () => {
  it('never takes back what its group has been told', () => {
    const commits: number[] = [];
    const queue = { commit: (offset) => void commits.push(offset) } as Partial<PartitionQueue>;
    const places = inPlaces(queue as PartitionQueue, 100, 120);
    for (const place of [105, 119, 121, 110, 130]) places.commit(place);
    expect(commits).toEqual([20, 20, 21, 21, 30]);
  });
});
