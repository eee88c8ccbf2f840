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

const mean = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0) / all.length;
const byName = <Name extends string, T>(names: readonly Name[], of: (name: Name) => T): Record<Name, T> =>
  Object.fromEntries(names.map((name) => [name, of(name)])) as Record<Name, T>;

/** A straight line by least squares. It does not fall: what does in the figures is noise, or batches that grow. */
interface Line {
  base: number;
  slope: number;
}
function line(points: readonly (readonly [x: number, y: number])[]): Line {
  const of = (read: (point: readonly [number, number]) => number) => mean(points.map(read));
  const [x, y] = [of(([one]) => one), of(([, one]) => one)];
  const slope = Math.max(0, of(([px, py]) => (px - x) * (py - y)) / of(([px]) => (px - x) ** 2));
  return { base: y - slope * x, slope };
}
/** One through nothing: so much for each. */
function share(points: readonly (readonly [x: number, y: number])[]): Line {
  return { base: 0, slope: mean(points.map(([x, y]) => y / x)) };
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
 * as hold a member, and those by which routers say what has passed. A record of one of the partitions of `chat.events` and one of a
 * gateway's own slot cost differently, so each mode has its line through the figures of 2 and 4 gateways; those of 8 are there to be
 * predicted. What a router does for a message, it does for each gateway that holds a member; and what gateways do when nothing is said,
 * each does for itself.
 */
export class ScaleModel {
  private readonly us: Record<Mode, Record<Kind, Line>>;
  private readonly idle: Record<Mode, Record<Kind, Line>>;
  /** Records beside the events themselves, for each gateway. */
  private readonly besides: Record<Mode, number>;

  private constructor(private readonly measured: (mode: Mode, gateways: number) => Measured) {
    const there = (mode: Mode, gateways: number) => this.copies(mode, sizeThere, gateways);
    const fitted = (mode: Mode) => fittedOn.map((gateways) => ({ gateways, ...measured(mode, gateways) }));
    const lineOf = (mode: Mode, kind: Kind): Line =>
      kind === 'router'
        ? share(fitted(mode).map(({ gateways, us }) => [there(mode, gateways), us[kind]]))
        : line(fitted(mode).map(({ records, us }) => [records, us[kind]]));
    const idleOf = (mode: Mode, kind: Kind): Line =>
      (kind === 'gateway' ? share : line)(fitted(mode).map(({ gateways, idle }) => [gateways, idle[kind]]));
    this.us = byName(modes, (mode) => byName(kinds, (kind) => lineOf(mode, kind)));
    this.idle = byName(modes, (mode) => byName(kinds, (kind) => idleOf(mode, kind)));
    this.besides = byName(modes, (mode) =>
      mean(fittedOn.map((count) => (measured(mode, count).records - there(mode, count)) / count)),
    );
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
      const by = (what: string) => byName(kinds, (kind) => median(`${what}, ${kind}`, gateways, mode));
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

  /** µs of CPU a message of all processes of the kind, of which gateways read so many copies, and so many records beside them. */
  cost(mode: Mode, kind: Kind, copies: number, besides = 0): number {
    return Math.max(0, on(this.us[mode][kind], kind === 'router' ? copies : copies + besides));
  }

  /** µs of CPU a second of all processes of the kind when nothing is said. */
  idleCost(mode: Mode, kind: Kind, gateways: number): number {
    return Math.max(0, on(this.idle[mode][kind], gateways));
  }

  /** The rows of 8 gateways, as those of 2 and 4 say them. */
  predictions(): Prediction[] {
    return modes.flatMap((mode) => {
      const { records, us, idle } = this.measured(mode, heldOut);
      const [copies, besides] = [this.copies(mode, sizeThere, heldOut), this.besides[mode] * heldOut];
      const name = (what: string) => `${what}, ${heldOut} gateways, ${mode}`;
      const used = kinds.filter((kind) => mode === 'routed' || kind !== 'router');
      return [
        {
          ...{ name: name('records a message that gateways read'), unit: '' },
          ...{ predicted: copies + besides, measured: records },
        },
        ...used.flatMap((kind) => [
          {
            ...{ name: name(`CPU a message, ${kind}`), unit: 'µs' },
            ...{ predicted: this.cost(mode, kind, copies, besides), measured: us[kind] },
          },
          {
            ...{ name: name(`CPU a second of nothing, ${kind}`), unit: 'µs' },
            ...{ predicted: this.idleCost(mode, kind, heldOut), measured: idle[kind] },
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
  /** How often a router says what has passed. */
  passedSeconds: number;
  /** Messages a second that one PostgreSQL commits (row `committed` of the bench), and the CPUs that it and api-chat have for that. */
  commitsASecond: number;
  commitCpus: number;
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
  /** Of api-chat and PostgreSQL, as full as the bench makes them. */
  storeCpus: number;
  /** So that no router is busier than `busy`. */
  partitions: number;
  /** Records by which routers say what has passed, each of its partitions to each gateway. */
  passedASecond: number;
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
    (messagesASecond * model.cost('routed', kind, copies) + model.idleCost('routed', kind, gateways)) / 1e6;
  const one = model.cost('broadcast', 'gateway', 2) - model.cost('broadcast', 'gateway', 1);
  const [gatewayCpus, routerCpus, kafkaCpus] = [cpus('gateway'), cpus('router'), cpus('kafka')];
  // Command, event, reply, and a copy for each gateway.
  const records = 3 + copies;
  const terabytesAYear = (messagesASecond * bytes * 86_400 * 365) / 1e12;
  const partitions = Math.max(12, Math.ceil(routerCpus / busy));
  const storeCpus = (messagesASecond / given.commitsASecond) * given.commitCpus;
  const cpuHours = ((gatewayCpus + routerCpus + kafkaCpus + storeCpus) / busy) * hoursAMonth;
  return {
    messagesASecond,
    gateways,
    broadcastShare: (messagesASecond * one) / 1e6,
    copies,
    gatewayCpus,
    routerCpus,
    kafkaCpus,
    storeCpus,
    partitions,
    passedASecond: (partitions * gateways) / given.passedSeconds,
    stores: Math.ceil(messagesASecond / given.commitsASecond / busy),
    megabytesASecond: (messagesASecond * records * bytes * replicas) / 1e6,
    terabytesAYear,
    dollarsAMonth:
      cpuHours * given.dollarsACpuHour + terabytesAYear * 1000 * (replicas + 1) * given.dollarsAGigabyteMonth,
  };
}
