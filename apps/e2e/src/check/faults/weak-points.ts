import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type Counts, freePort, freePorts, type PortPlan, type StackOptions } from '@maru/stack';
import { clockSettings } from './clocks';
import { SmallDisk } from './disks';
import { Line } from './line';

/** The lines of one process. */
export interface Lines {
  /** One a broker. */
  kafka: readonly Line[];
  postgres: Line;
}

/** What is built into a Maru before its start, so that more can go wrong with it than its processes ending. */
export class WeakPoints {
  private constructor(
    /** To start the stack with, over other options. */
    readonly options: Pick<StackOptions, 'ports' | 'env' | 'detours'>,
    /** By the name of the process. */
    readonly lines: ReadonlyMap<string, Lines>,
    readonly disks: readonly SmallDisk[],
    /** Where clocks are set. */
    readonly clockFolder: string,
  ) {}

  /** `home` is the folder that the stack will have, with data of its own. */
  static async prepare(home: string, counts: Counts): Promise<WeakPoints> {
    const ports = await freePorts(counts);
    const lines = new Map<string, Lines>();
    const detours: NonNullable<StackOptions['detours']> = {};
    for (const name of victims(counts)) {
      const listens = await Promise.all(ports.kafka.map(() => freePort()));
      const advertised = await Promise.all(ports.kafka.map(() => freePort()));
      const postgres = await freePort();
      const kafka = await Promise.all(listens.map((to, index) => Line.open(advertised[index] ?? 0, to)));
      lines.set(name, { kafka, postgres: await Line.open(postgres, ports.postgres) });
      const doors = listens.map((at, index) => ({ listens: at, advertised: advertised[index] ?? 0 }));
      detours[name] = { kafka: doors, postgres };
    }
    const clockFolder = path.join(home, 'clocks');
    mkdirSync(clockFolder, { recursive: true });
    const options = { ports, detours, env: clockSettings(clockFolder) };
    return new WeakPoints(options, lines, disksOf(home, counts, ports), clockFolder);
  }

  /** After the stack has stopped and before its folder is removed. */
  async close(): Promise<void> {
    for (const { kafka, postgres } of this.lines.values())
      await Promise.all([...kafka, postgres].map((line) => line.close()));
    for (const disk of this.disks) disk.unmount();
  }
}

/** The last of each, so that the others go on meanwhile. */
export function victims({ gateways, writers, routers = 0 }: Counts): string[] {
  const counts = { gateway: gateways, 'api-chat': writers, router: routers };
  return Object.entries(counts).flatMap(([name, count]) =>
    count === 0 ? [] : count === 1 ? name : `${name}-${count}`,
  );
}

/** One broker of three, and the store; none where one may not mount. */
function disksOf(home: string, { brokers }: Counts, { kafka }: PortPlan): SmallDisk[] {
  const data = path.join(home, 'data', brokers === 3 ? 'three-brokers' : 'one-broker');
  const places = [
    ...(brokers === 3
      ? [[`kafka-${kafka.length}`, path.join(data, 'kafka', `node-${kafka.length}`)] as const]
      : []),
    ['postgres', path.join(data, 'postgres')] as const,
  ];
  return places.flatMap(([name, folder]) => SmallDisk.mount(name, folder, 512) ?? []);
}
