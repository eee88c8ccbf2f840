import { pause } from '../support/until';
import { Rest } from '../support/rest';
import { type DoorClient, type DoorUser, RoomEar } from './door-client';

/** Nothing but HTTP: posts, and asks every 50 ms for what came after its last seq. */
export class RestDoor implements DoorClient {
  readonly ear: RoomEar;
  private readonly rest: Rest;
  private asks = false;

  constructor(private readonly user: DoorUser) {
    this.ear = new RoomEar(user.roomId);
    this.rest = new Rest(user.url);
  }

  async connect(): Promise<void> {
    this.asks = true;
    await this.look();
    void this.keepLooking();
  }

  cut(): void {
    this.asks = false;
  }

  async send(id: string, text: string): Promise<{ seq: number; duplicate: boolean }> {
    const { token, roomId } = this.user;
    const { seq, duplicate = false } = await this.rest.post(token, roomId, { id, text });
    return { seq, duplicate };
  }

  private async keepLooking(): Promise<void> {
    while (this.asks) {
      await this.look().catch(() => undefined);
      await pause(50);
    }
  }

  private async look(): Promise<void> {
    const { token, roomId } = this.user;
    for (const event of await this.rest.events(token, roomId, this.ear.last))
      this.ear.take(event.type, event);
  }
}
