import type { ReadyRoom } from '@maru/contracts';
import type { Encoder, Frames } from '../core/frames';
import type { Closing, Link } from '../core/link';
import type { Channel } from './channel';
import { roomEncoders, silent, userEncoders } from './mqtt.encoder';
import type { Outgoing } from './outgoing';
import type { Version } from './packet-reader';
import type { Subscriptions } from './subscriptions';

export interface LinkParts {
  channel: Channel;
  version: Version;
  subscriptions: Subscriptions;
  outgoing: Outgoing;
  /** Whether every packet has to be looked at, as the client takes small ones only. */
  small: boolean;
  onReady: (rooms: Record<string, ReadyRoom>) => void;
  onClose: (closing: Closing) => void;
}

/** An MQTT client as the core sees it: hears the rooms that it has subscribed to, and nothing of the others. */
export class MqttLink implements Link {
  readonly door = 'mqtt';
  private cuts: boolean;
  private readonly own: Encoder;

  constructor(private readonly parts: LinkParts) {
    this.cuts = parts.small;
    this.own = {
      encode: (events) => {
        for (const { name, json } of events) {
          if (name === 'ready')
            parts.onReady((JSON.parse(json) as { rooms: Record<string, ReadyRoom> }).rooms);
        }
        return (parts.subscriptions.user ? userEncoders[parts.version] : silent).encode(events);
      },
    };
  }

  encoder(roomId?: string): Encoder {
    if (roomId === undefined) return this.own;
    const qos = this.parts.subscriptions.ofRoom(roomId);
    if (qos === undefined) return silent;
    this.cuts ||= qos === 1;
    return roomEncoders[this.parts.version][qos];
  }

  write(frames: Frames): number {
    if (frames.bytes.length > 0) this.send(this.cuts ? this.parts.outgoing.add(frames) : frames.bytes);
    return this.buffered();
  }

  acknowledge(packetId: number): void {
    this.send(this.parts.outgoing.acknowledge(packetId));
  }

  buffered(): number {
    return this.parts.channel.buffered + this.parts.outgoing.waitingBytes;
  }

  close(closing: Closing): void {
    this.parts.onClose(closing);
  }

  private send(bytes: Buffer): void {
    if (bytes.length > 0) this.parts.channel.write(bytes);
  }
}
