import { maxSessionSeconds, type OpenedDevice, type SaveDevice } from '@maru/contracts';
import { Subscriptions } from './subscriptions';

export type Change = Pick<SaveDevice, 'forgetIds' | 'expirySeconds'> & { subscriptions?: true };

/** A client's session as this gateway has it: what of it is not in the store yet is here. */
export class DeviceSession {
  readonly subscriptions: Subscriptions;
  /** What is under way to the store, one at a time, as a session is named once in a call. */
  saving: Promise<unknown> = Promise.resolve();
  readonly everKept: boolean;
  private cursors = new Map<string, number>();

  constructor(
    readonly opened: OpenedDevice,
    /** Made anew for each connection. */
    readonly connection: string,
    public expirySeconds: number,
    /** Another connection has it now. */
    readonly takenOver: () => void,
  ) {
    this.subscriptions = new Subscriptions(opened.subscriptions);
    this.everKept = this.kept;
  }

  get key(): string {
    return keyOf(this.opened);
  }

  /** How the store knows it. */
  get place(): Pick<SaveDevice, 'userId' | 'clientId' | 'connection'> {
    const { userId, clientId } = this.opened;
    return { userId, clientId, connection: this.connection };
  }

  /** Whether it outlives its connection: nothing of another is kept. */
  get kept(): boolean {
    return this.expirySeconds > 0;
  }

  get dirty(): boolean {
    return this.cursors.size > 0;
  }

  /** Where the client goes on in each room that it hears with QoS 1. */
  get resume(): Record<string, number> {
    return Object.fromEntries(
      this.opened.resume.filter(([roomId]) => this.subscriptions.ofRoom(roomId) === 1),
    );
  }

  /** The client's last word on how long. A session that was not to be kept stays so. */
  expire(seconds: number): void {
    if (this.everKept) this.expirySeconds = Math.min(seconds, maxSessionSeconds);
  }

  acknowledged(roomId: string, seq: number): void {
    if (this.kept) this.cursors.set(roomId, Math.max(seq, this.cursors.get(roomId) ?? 0));
  }

  /** What has changed since the last time. Given back by `keep` when it could not be saved. */
  takeChanges({ subscriptions, ...change }: Change): SaveDevice {
    const cursors = [...this.cursors];
    this.cursors = new Map();
    const list = subscriptions && { subscriptions: this.subscriptions.list };
    return { ...this.place, cursors, ...list, ...change };
  }

  keep({ cursors }: SaveDevice): void {
    for (const [roomId, seq] of cursors) this.acknowledged(roomId, seq);
  }
}

export const keyOf = ({ userId, clientId }: { userId: string; clientId: string }): string =>
  `${userId}/${clientId}`;
