import { roomEventNames } from '@maru/contracts';
import { EventSource } from 'eventsource';
import { Rest } from '../support/rest';
import { type DoorClient, type DoorUser, RoomEar } from './door-client';

/** The EventSource of browsers, in the package of that name, with a ticket; what it says goes over REST. */
export class SseDoor implements DoorClient {
  readonly ear: RoomEar;
  private source: EventSource | undefined;
  private lastId = '';

  constructor(private readonly user: DoorUser) {
    this.ear = new RoomEar(user.roomId);
  }

  async connect(): Promise<void> {
    const { url, token } = this.user;
    const { ticket } = await new Rest(url).get<{ ticket: string }>('POST', '/stream/ticket', token);
    const resume = this.lastId === '' ? '' : `&lastEventId=${this.lastId}`;
    const source = new EventSource(`${url}/api/stream?ticket=${ticket}${resume}`);
    this.source = source;
    for (const name of roomEventNames) {
      source.addEventListener(name, ({ data, lastEventId }: { data: string; lastEventId: string }) => {
        this.lastId = lastEventId === '' ? this.lastId : lastEventId;
        this.ear.take(name, JSON.parse(data));
      });
    }
    await new Promise<void>((resolve, reject) => {
      source.addEventListener('ready', () => resolve());
      source.onerror = ({ message }) => reject(new Error(message));
    });
  }

  cut(): void {
    this.source?.close();
  }

  async send(id: string, text: string): Promise<{ seq: number; duplicate: boolean }> {
    const { url, token, roomId } = this.user;
    const { seq, duplicate = false } = await new Rest(url).post(token, roomId, { id, text });
    return { seq, duplicate };
  }
}
