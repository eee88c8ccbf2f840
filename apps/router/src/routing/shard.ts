import {
  gatewayHolds,
  gatewayHoldsMs,
  gatewayRegistered,
  holderKey,
  type Held,
  registrationKey,
  routerClaimed,
  routerKey,
} from '@maru/contracts';
import type { IncomingRecord } from '@maru/kafka-client';

/** A gateway as one partition of `gateway.rooms` tells of it. */
export interface Holder {
  readonly id: string;
  slot: number;
  /** The newest of its registrations here that has been read. */
  n: number;
  /** By the clock of the log, in ms. */
  heardAt: number;
}

/** What a record of `gateway.rooms` was. */
export type Told =
  | { what: 'claim'; claimId: string }
  | { what: 'registered'; by: Holder }
  | { what: 'ended'; by: Holder }
  | undefined;

const none: readonly Holder[] = [];
const longestStretchMs = gatewayHoldsMs + 1000;

/**
 * Who holds which rooms and users of one partition, as far as `gateway.rooms` has been read. Everything is said by records, in
 * their order, so whoever reads the partition from its beginning comes to the same.
 */
export class Shard {
  readonly gateways = new Map<string, Holder>();
  /**
   * The clock of the log, in ms: goes on with the records. A stretch without any counts for little, so that nobody
   * looks silent because nothing could be written, or because we did not read.
   */
  clock = 0;
  private newest = 0;
  private readonly holders = new Map<string, readonly Holder[]>();

  /** `slots`: how many there are; who names another is not taken. */
  constructor(private readonly slots: number) {}

  /** Takes the next record. @throws Error when it is none of ours */
  take({ key, value, timestamp }: Pick<IncomingRecord, 'key' | 'value' | 'timestamp'>): Told {
    if (this.newest > 0) this.clock += Math.min(Math.max(0, timestamp - this.newest), longestStretchMs);
    this.newest = Math.max(this.newest, timestamp);
    const [kind = '', id = '', gateway = ''] = (key ?? '').split('/');
    const body = (): unknown => JSON.parse((value ?? '').toString());
    if (key === routerKey) return { what: 'claim', claimId: routerClaimed.parse(body()).claimId };
    if (kind === 'gateway') return value === null ? this.ended(id) : this.alive(gatewayHolds.parse(body()));
    if (kind !== 'room' && kind !== 'user') throw new Error('no registration');
    if (value === null) return this.letGo(`${kind}/${id}`, gateway);
    const { gatewayId, slot, n } = gatewayRegistered.parse(body());
    const by = this.gateway(gatewayId, slot);
    by.n = Math.max(by.n, n);
    const there = this.holders.get(`${kind}/${id}`) ?? none;
    if (!there.includes(by)) this.holders.set(`${kind}/${id}`, [...there, by]);
    return { what: 'registered', by };
  }

  /** The slots in which somebody holds it, each once. */
  slotsOf(held: Held, id: string): ReadonlySet<number> {
    return new Set((this.holders.get(`${held}/${id}`) ?? none).map(({ slot }) => slot));
  }

  get size(): number {
    return this.holders.size;
  }

  /** Forgets the gateway. @returns the keys that `gateway.rooms` has of it */
  drop(gatewayId: string): string[] {
    const gateway = this.gateways.get(gatewayId);
    if (gateway === undefined) return [];
    this.gateways.delete(gatewayId);
    const keys = [holderKey(gatewayId)];
    for (const [what, there] of this.holders) {
      if (!there.includes(gateway)) continue;
      const [held, id] = what.split('/') as [Held, string];
      keys.push(registrationKey(held, id, gatewayId));
      this.put(
        what,
        there.filter((one) => one !== gateway),
      );
    }
    return keys;
  }

  private ended(gatewayId: string): Told {
    const by = this.gateways.get(gatewayId);
    return by && { what: 'ended', by };
  }

  private alive({ gatewayId, slot }: { gatewayId: string; slot: number }): undefined {
    this.gateway(gatewayId, slot);
    return undefined;
  }

  private letGo(what: string, gatewayId: string): undefined {
    const there = this.holders.get(what) ?? none;
    this.put(
      what,
      there.filter(({ id }) => id !== gatewayId),
    );
    return undefined;
  }

  private put(what: string, there: readonly Holder[]): void {
    if (there.length > 0) this.holders.set(what, there);
    else this.holders.delete(what);
  }

  private gateway(id: string, slot: number): Holder {
    if (slot >= this.slots) throw new Error(`there is no slot ${slot}`);
    let gateway = this.gateways.get(id);
    if (gateway === undefined) this.gateways.set(id, (gateway = { id, slot, n: 0, heardAt: 0 }));
    gateway.heardAt = this.clock;
    return gateway;
  }
}
