import { RoomEar } from '../doors/door-client';

export interface DeviceUser {
  /** Where each gateway speaks MQTT over TCP. */
  mqtt: string[];
  /** Where each gateway is over HTTP. */
  urls: string[];
  token: string;
  roomId: string;
}

/** An MQTT client that no one here wrote, with a session that outlives its connections, in one room. */
export abstract class DeviceClient {
  readonly ear: RoomEar;

  constructor(protected readonly user: DeviceUser) {
    this.ear = new RoomEar(user.roomId);
  }

  /** Resolves when it is connected to this gateway and hears the room. */
  abstract connect(gateway: number): Promise<void>;
  /** Goes without a word, as a device that loses its network. */
  abstract drop(): Promise<void>;
  /** Resolves when the message is acknowledged. */
  abstract say(text: string): Promise<void>;
  /** The end of whatever runs. */
  abstract stop(): void;

  protected get hears(): string {
    return `rooms/${this.user.roomId}/events`;
  }

  protected get says(): string {
    return `rooms/${this.user.roomId}/messages`;
  }

  protected take(payload: string): void {
    const { event = 'an event of the room', ...body } = JSON.parse(payload) as { event?: string };
    this.ear.take(event, body);
  }
}
