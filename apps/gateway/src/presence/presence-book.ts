import type { OwnState, PresenceState } from '@maru/contracts';

interface Gateway {
  alive: boolean;
  /** When it was last heard, by the clock of the caller; `at`: by its own. */
  heardAt: number;
  at: string | undefined;
  users: Set<string>;
}

/** Since when a user has no connection, by the clock of the caller, and when his last one ended. */
export interface Gone {
  since: number;
  lastSeen: string | undefined;
}

/**
 * Who is connected where, as `presence` tells. Of users who are offline it knows nothing, but of those who have just
 * gone until `settle`. A gateway that is not heard any more counts for nothing, and again once it is heard.
 */
export class PresenceBook {
  private readonly users = new Map<string, Map<string, OwnState>>();
  private readonly gateways = new Map<string, Gateway>();
  private readonly goneUsers = new Map<string, Gone>();

  /** `onChange`: a user may be in another state now; `was`: he had gone before, and that was not settled. */
  constructor(private readonly onChange: (userId: string, was: Gone | undefined) => void) {}

  get userIds(): Iterable<string> {
    return this.users.keys();
  }

  get goneIds(): Iterable<string> {
    return this.goneUsers.keys();
  }

  stateOf(userId: string): PresenceState {
    let state: PresenceState = 'offline';
    for (const [gatewayId, here] of this.users.get(userId) ?? []) {
      if (this.gateways.get(gatewayId)?.alive !== true) continue;
      if (here === 'online') return 'online';
      state = 'away';
    }
    return state;
  }

  gone(userId: string): Gone | undefined {
    return this.goneUsers.get(userId);
  }

  /** That the user has gone has been told, or need not be. */
  settle(userId: string): void {
    this.goneUsers.delete(userId);
  }

  alive(gatewayId: string, at: string, now: number): void {
    const gateway = this.gateway(gatewayId, now);
    const again = !gateway.alive;
    Object.assign(gateway, { alive: true, heardAt: now, at });
    if (again) for (const userId of gateway.users) this.changed(userId, now, at);
  }

  /** `state`: of his connections at that gateway; `undefined` when he has none there. */
  put(userId: string, gatewayId: string, state: OwnState | undefined, at: string, now: number): void {
    const gateway = this.gateway(gatewayId, now);
    if (state === undefined) {
      gateway.users.delete(userId);
      this.take(userId, gatewayId);
    } else {
      gateway.users.add(userId);
      const places = this.users.get(userId);
      if (places) places.set(gatewayId, state);
      else this.users.set(userId, new Map([[gatewayId, state]]));
    }
    this.changed(userId, now, at);
  }

  /** Gateways that count and were last heard before `time`. */
  silentSince(time: number): string[] {
    return [...this.gateways].filter(([, { alive, heardAt }]) => alive && heardAt < time).map(([id]) => id);
  }

  /** It is taken for gone: so are its users, since it was last heard. */
  lose(gatewayId: string): void {
    const gateway = this.gateways.get(gatewayId);
    if (gateway === undefined) return;
    gateway.alive = false;
    for (const userId of gateway.users) this.changed(userId, gateway.heardAt, gateway.at);
  }

  /** It has ended, and nothing of it is kept. */
  end(gatewayId: string, now: number): void {
    const gateway = this.gateways.get(gatewayId);
    this.gateways.delete(gatewayId);
    for (const userId of gateway?.users ?? []) {
      this.take(userId, gatewayId);
      this.changed(userId, now, gateway?.at);
    }
  }

  /** Those that have not been heard since `time` do not come back. */
  forgetSilent(time: number): void {
    for (const [id, { alive, heardAt }] of this.gateways) if (!alive && heardAt < time) this.end(id, heardAt);
  }

  private gateway(id: string, now: number): Gateway {
    let gateway = this.gateways.get(id);
    if (gateway === undefined) {
      gateway = { alive: false, heardAt: now, at: undefined, users: new Set() };
      this.gateways.set(id, gateway);
    }
    return gateway;
  }

  private take(userId: string, gatewayId: string): void {
    const places = this.users.get(userId);
    places?.delete(gatewayId);
    if (places?.size === 0) this.users.delete(userId);
  }

  private changed(userId: string, since: number, lastSeen: string | undefined): void {
    const was = this.goneUsers.get(userId);
    if (this.stateOf(userId) !== 'offline') this.goneUsers.delete(userId);
    else if (was === undefined) this.goneUsers.set(userId, { since, lastSeen });
    this.onChange(userId, was);
  }
}
