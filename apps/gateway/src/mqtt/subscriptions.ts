import type { DeviceSubscription } from '@maru/contracts';
import { readFilter } from './topics';

export type Qos = 0 | 1;

/** More than that a session may not have. */
export const maxSubscriptions = 1000;

/** What a session has subscribed to, and with which QoS. */
export class Subscriptions {
  private readonly granted = new Map<string, Qos>();

  constructor(list: readonly DeviceSubscription[] = []) {
    for (const [filter, qos] of list) this.set(filter, qos);
  }

  get size(): number {
    return this.granted.size;
  }

  get user(): boolean {
    return this.granted.has('user/events');
  }

  get list(): DeviceSubscription[] {
    return [...this.granted];
  }

  has(filter: string): boolean {
    return this.granted.has(filter);
  }

  set(filter: string, qos: Qos): void {
    if (readFilter(filter)) this.granted.set(filter, qos);
  }

  delete(filter: string): boolean {
    return this.granted.delete(filter);
  }

  /** The higher QoS of the filters that match; `undefined` when the room is not heard. */
  ofRoom(roomId: string): Qos | undefined {
    const [one, all] = [this.granted.get(`rooms/${roomId}/events`), this.granted.get('rooms/+/events')];
    return one === 1 || all === 1 ? 1 : (one ?? all);
  }
}
