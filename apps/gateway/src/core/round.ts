import { Bundle } from './bundle';
import type { Connection } from './connection';
import type { Frames } from './frames';

/** One round of delivery over several rooms: what they have for a connection is written to it at once. */
export class Round {
  private readonly roots = new Map<Frames, Bundle>();
  private readonly connections: Connection[] = [];

  put(connection: Connection, frames: Frames): void {
    if (connection.bundle !== undefined) {
      connection.bundle = connection.bundle.with(frames);
      return;
    }
    let root = this.roots.get(frames);
    if (root === undefined) this.roots.set(frames, (root = new Bundle([frames])));
    connection.bundle = root;
    this.connections.push(connection);
  }

  write(): void {
    for (const connection of this.connections) {
      const { bundle } = connection;
      connection.bundle = undefined;
      if (bundle) connection.write(bundle.frames);
    }
  }
}
