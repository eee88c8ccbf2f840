import { kafkaConfig, kafkaConfigFrom, ProducerService, ReplyService } from '@maru/kafka-client';
import { createLogger } from '@maru/service-kit';
import { AnotherLog } from '../topology/another-log.service';
import { Repartition } from '../topology/repartition.service';
import type { CopyParts } from '../topology/room-copies';
import { mustStandStill } from '../topology/standstill';
import { TopologyRepository } from '../topology/topology.repository';
import { TopologyService } from '../topology/topology.service';
import { EventPublisher } from '../writer/event-publisher';
import type { WriterRig } from './writer-rig';

export type Say = CopyParts['say'];
const toNobody: Say = () => undefined;

/** The commands that move the store of a rig, as people run them. */
export class Moves {
  readonly repository: TopologyRepository;
  readonly topology: TopologyService;

  constructor(private readonly rig: WriterRig) {
    this.repository = new TopologyRepository(rig.store, rig.history);
    this.topology = new TopologyService(this.repository, rig.admin);
  }

  repartition(partitions: number, say = toNobody): Promise<void> {
    return this.run(say, (parts) => new Repartition(parts, partitions).run());
  }

  anotherLog(say = toNobody): Promise<void> {
    return this.run(say, (parts) => new AnotherLog(parts).run());
  }

  mustStandStill(waitMs: number): Promise<void> {
    return mustStandStill({ repository: this.repository, admin: this.rig.admin, say: toNobody }, waitMs);
  }

  private async run(say: Say, work: (parts: CopyParts) => Promise<void>): Promise<void> {
    const { admin, kafka } = this.rig;
    const env = kafkaConfig.parse({ KAFKA_BROKERS: kafka.brokers.join(',') });
    const producer = new ProducerService(kafkaConfigFrom(env, 'topology'));
    const publisher = async () => {
      await producer.start();
      return new EventPublisher(producer, new ReplyService(producer), createLogger('rig', 'silent'));
    };
    await work({ repository: this.repository, admin, publisher, say }).finally(() => producer.stop());
  }
}
