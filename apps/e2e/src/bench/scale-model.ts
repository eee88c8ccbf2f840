import type { Figure } from './report';

/** What is taken from the bench's row `gateways`, a message or a second of one process, in µs of CPU. */
export type Mode = 'broadcast' | 'routed';
export const modes: readonly Mode[] = ['broadcast', 'routed'];
const kinds = ['gateway', 'router', 'kafka'] as const;
export type Kind = (typeof kinds)[number];

interface Measured {
  records: number;
  us: Record<Kind, number>;
  idle: Record<Kind, number>;
}

/** Members of a room in the row `gateways`. */
const sizeThere = 2;
const fittedOn = [2, 4] as const;
const heldOut = 8;

/** How many of `gateways` hold one of `members` who are spread by chance. */
export const gatewaysOf = (members: number, gateways: number): number =>
  gateways * (1 - (1 - 1 / gateways) ** members);

/** A straight line; by least squares where there are more than two points. */
interface Line {
  base: number;
  slope: number;
}
function line(points: readonly (readonly [x: number, y: number])[]): Line {
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean(([one]) => one), mean(([, one]) => one)];
  const slope = mean(([px, py]) => (px - x) * (py - y)) / mean(([px]) => (px - x) ** 2);
  return { base: y - slope * x, slope };
}
const on = ({ base, slope }: Line, x: number): number => base + slope * x;

/** One of the predicted figures beside what was measured. */
export interface Prediction {
  name: string;
  unit: string;
  predicted: number;
  measured: number;
}

/**
 * Costs by how many records all gateways read for a message: with `broadcast` as many as there are gateways, with `routed` as many
 * as hold a member. What a gateway and a broker do with a record is the same in both modes, so one line goes through the figures of 2 and 4
 * gateways of both; those of 8 are there to be predicted.
 */
export class ScaleModel {
  private readonly us: Record<Kind, Line>;
  private readonly idle: Record<Kind, Line>;
  /** Records beside the events themselves, for each gateway. */
  private readonly besides: Record<Mode, number>;

  private constructor(private readonly measured: (mode: Mode, gateways: number) => Measured) {
    const byKind = (fit: (kind: Kind, points: readonly (readonly [Mode, number])[]) => Line) =>
      Object.fromEntries(
        kinds.map((kind) => {
          const used = modes.filter((mode) => mode === 'routed' || kind !== 'router');
          return [
            kind,
            fit(
              kind,
              used.flatMap((mode) => fittedOn.map((gateways) => [mode, gateways] as const)),
            ),
          ];
        }),
      ) as Record<Kind, Line>;
    this.us = byKind((kind, points) =>
      line(
        points.map(([mode, gateways]) => [
          this.copies(mode, sizeThere, gateways),
          measured(mode, gateways).us[kind],
        ]),
      ),
    );
    this.idle = byKind((kind, points) =>
      line(points.map(([mode, gateways]) => [gateways, measured(mode, gateways).idle[kind]])),
    );
    this.besides = Object.fromEntries(
      modes.map((mode) => {
        const each = fittedOn.map(
          (gateways) =>
            (measured(mode, gateways).records - this.copies(mode, sizeThere, gateways)) / gateways,
        );
        return [mode, each.reduce((sum, one) => sum + one, 0) / each.length];
      }),
    ) as Record<Mode, number>;
  }

  /** @throws Error when the bench's figures lack the row `gateways` */
  static of(figures: readonly Figure[]): ScaleModel {
    const median = (what: string, gateways: number, mode: Mode): number => {
      const name = `${what}, ${gateways} gateways, ${mode}`;
      const found = figures.find((figure) => figure.name === name)?.ours?.median;
      if (found === undefined)
        throw new Error(`"${name}" is not there: npm run bench -- --only gateways --json FILE makes it`);
      return found;
    };
    return new ScaleModel((mode, gateways) => {
      const by = (what: string) =>
        Object.fromEntries(kinds.map((kind) => [kind, median(`${what}, ${kind}`, gateways, mode)])) as Record<
          Kind,
          number
        >;
      return {
        records: median('records a message that gateways read', gateways, mode),
        us: by('CPU a message'),
        idle: by('CPU a second of nothing'),
      };
    });
  }

  /** Copies of an event that gateways read. */
  copies(mode: Mode, members: number, gateways: number): number {
    return mode === 'broadcast' ? gateways : gatewaysOf(members, gateways);
  }

  /** µs of CPU a message of all processes of the kind, in rooms with so many members who are connected. */
  cost(mode: Mode, kind: Kind, members: number, gateways: number): number {
    return Math.max(0, on(this.us[kind], this.copies(mode, members, gateways)));
  }

  /** µs of CPU a second of all processes of the kind when nothing is said. */
  idleCost(kind: Kind, gateways: number): number {
    return Math.max(0, on(this.idle[kind], gateways));
  }

  /** The rows of 8 gateways, as those of 2 and 4 say them. */
  predictions(): Prediction[] {
    return modes.flatMap((mode) => {
      const { records, us, idle } = this.measured(mode, heldOut);
      const copies = this.copies(mode, sizeThere, heldOut);
      const name = (what: string) => `${what}, ${heldOut} gateways, ${mode}`;
      const used = kinds.filter((kind) => mode === 'routed' || kind !== 'router');
      return [
        {
          ...{ name: name('records a message that gateways read'), unit: '' },
          ...{ predicted: copies + this.besides[mode] * heldOut, measured: records },
        },
        ...used.flatMap((kind) => [
          {
            ...{ name: name(`CPU a message, ${kind}`), unit: 'µs' },
            ...{ predicted: this.cost(mode, kind, sizeThere, heldOut), measured: us[kind] },
          },
          {
            ...{ name: name(`CPU a second of nothing, ${kind}`), unit: 'µs' },
            ...{ predicted: this.idleCost(kind, heldOut), measured: idle[kind] },
          },
        ]),
      ];
    });
  }
}

/** What is assumed of people and machines; everything else is measured. */
export interface Assumptions {
  connections: number;
  /** What one of them says in an hour. */
  messagesAnHour: number;
  /** Of a room, those who are connected. */
  members: number;
  connectionsAGateway: number;
  /** Share of a CPU that a process may take, so that a neighbour's failure leaves space. */
  busy: number;
  /** Bytes of a message on a log or in the store, and how often Kafka keeps it. */
  bytes: number;
  replicas: number;
  /** Messages a second that one PostgreSQL commits (row `committed` of the bench). */
  commitsASecond: number;
  dollarsACpuHour: number;
  dollarsAGigabyteMonth: number;
}

export interface Size {
  messagesASecond: number;
  gateways: number;
  /** With broadcast: the share of a CPU that each gateway takes to read what everybody says. */
  broadcastShare: number;
  copies: number;
  gatewayCpus: number;
  routerCpus: number;
  kafkaCpus: number;
  /** So that no router is busier than `busy`. */
  partitions: number;
  stores: number;
  /** Written by all brokers together, replicas included. */
  megabytesASecond: number;
  terabytesAYear: number;
  dollarsAMonth: number;
}

const hoursAMonth = 730;

export function sizeFor(model: ScaleModel, given: Assumptions): Size {
  const { connections, members, busy, bytes, replicas } = given;
  const messagesASecond = (connections * given.messagesAnHour) / 3600;
  const gateways = Math.ceil(connections / given.connectionsAGateway);
  const copies = model.copies('routed', members, gateways);
  const cpus = (kind: Kind) =>
    (messagesASecond * model.cost('routed', kind, members, gateways) + model.idleCost(kind, gateways)) / 1e6;
  const one = model.cost('broadcast', 'gateway', members, 2) - model.cost('broadcast', 'gateway', members, 1);
  const [gatewayCpus, routerCpus, kafkaCpus] = [cpus('gateway'), cpus('router'), cpus('kafka')];
  // Command, event, reply, and a copy for each gateway.
  const records = 3 + copies;
  const terabytesAYear = (messagesASecond * bytes * 86_400 * 365) / 1e12;
  const cpuHours = ((gatewayCpus + routerCpus + kafkaCpus) / busy) * hoursAMonth;
  return {
    messagesASecond,
    gateways,
    broadcastShare: (messagesASecond * one) / 1e6,
    copies,
    gatewayCpus,
    routerCpus,
    kafkaCpus,
    partitions: Math.max(12, Math.ceil(routerCpus / busy)),
    stores: Math.ceil(messagesASecond / given.commitsASecond / busy),
    megabytesASecond: (messagesASecond * records * bytes * replicas) / 1e6,
    terabytesAYear,
    dollarsAMonth:
      cpuHours * given.dollarsACpuHour + terabytesAYear * 1000 * (replicas + 1) * given.dollarsAGigabyteMonth,
  };
}
