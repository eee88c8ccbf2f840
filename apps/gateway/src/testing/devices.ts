import type { OpenedDevice, OpenDevices, SaveDevices } from '@maru/contracts';

interface Kept {
  connection: string;
  ids: string | null;
  subscriptions: OpenedDevice['subscriptions'];
  expirySeconds: number;
  cursors: Map<string, number>;
}

/** Where a user stands in his rooms: the seq of his joining, and of his leaving. */
type Rooms = (userId: string) => { roomId: string; joinedSeq: number; leftSeq: number | undefined }[];

/** What api-chat keeps of devices, in memory, by the contracts. Nothing expires. */
export class Devices {
  readonly kept = new Map<string, Kept>();

  constructor(private readonly rooms: Rooms) {}

  open({ sessions }: OpenDevices): { items: OpenedDevice[] } {
    const items = sessions.map(({ userId, clientId, connection, clean, expirySeconds }): OpenedDevice => {
      const key = `${userId}/${clientId}`;
      const before = this.kept.get(key);
      const present = before !== undefined && !clean && before.expirySeconds > 0;
      const { subscriptions, cursors } = present
        ? before
        : { subscriptions: [], cursors: new Map<string, number>() };
      this.kept.set(key, { connection, ids: connection, subscriptions, expirySeconds, cursors });
      const resume = present ? this.resume(userId, cursors) : [];
      return { userId, clientId, present, previous: before?.ids ?? null, subscriptions, resume };
    });
    return { items };
  }

  save({ sessions }: SaveDevices): { items: boolean[] } {
    const items = sessions.map(({ userId, clientId, connection, cursors, ...change }) => {
      const kept = this.kept.get(`${userId}/${clientId}`);
      if (kept?.connection !== connection) return false;
      for (const [roomId, seq] of cursors)
        kept.cursors.set(roomId, Math.max(seq, kept.cursors.get(roomId) ?? 0));
      if (change.forgetIds) kept.ids = null;
      kept.subscriptions = change.subscriptions ?? kept.subscriptions;
      kept.expirySeconds = change.expirySeconds ?? kept.expirySeconds;
      return true;
    });
    return { items };
  }

  private resume(userId: string, cursors: Map<string, number>): [string, number][] {
    return this.rooms(userId).flatMap(({ roomId, joinedSeq, leftSeq }): [string, number][] => {
      const seq = cursors.get(roomId);
      if (leftSeq === undefined) return [[roomId, seq ?? joinedSeq - 1]];
      return seq !== undefined && leftSeq > seq ? [[roomId, seq]] : [];
    });
  }
}
