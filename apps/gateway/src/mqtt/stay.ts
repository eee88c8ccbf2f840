import type { ReadyRoom } from '@maru/contracts';
import type { Packet } from 'mqtt-packet';
import type { ClientEvents } from '../commands/client-events.service';
import type { Connection } from '../core/connection';
import type { Arrivals } from '../door/arrivals.service';
import { pingresp, suback, unsuback } from './answers';
import type { DeviceSession } from './device-session';
import type { Hello } from './hello';
import { MessageIds } from './message-ids';
import { MqttLink, type LinkParts } from './mqtt.link';
import { Outgoing } from './outgoing';
import { Publisher } from './publisher';
import { reasons, type Refusal, wrong } from './reasons';
import { Subscriber, type SubscriberParts } from './subscriber';
import { userEvents } from './topics';

/** Packets of QoS 1 that a client may have without a PUBACK, whatever he says himself. */
const maxWindow = 200;

export interface StayParts extends SubscriberParts, Pick<LinkParts, 'channel' | 'onClose'> {
  arrivals: Arrivals;
  events: ClientEvents;
  /** Ends the connection with the reason. */
  end: (refusal: Refusal) => void;
  /** Something was answered, so that more may be read. */
  onAnswer: () => void;
}

/** A client that is in: what it says, in order. */
export class Stay {
  readonly connection: Connection;
  /** Packets without an answer. */
  unanswered = 0;
  private readonly link: MqttLink;
  private readonly publisher: Publisher;
  private readonly subscriber: Subscriber;
  private becomeReady: () => void = () => undefined;
  private subscribing = new Promise<void>((resolve) => (this.becomeReady = resolve));

  constructor(
    identity: Parameters<Arrivals['enter']>[0],
    readonly hello: Hello,
    readonly session: DeviceSession,
    private readonly parts: StayParts,
  ) {
    const { channel, onClose, end, events } = parts;
    const { resume } = session;
    this.link = new MqttLink({
      channel,
      version: hello.version,
      subscriptions: session.subscriptions,
      outgoing: new Outgoing({
        window: Math.min(hello.receiveMaximum, maxWindow),
        maxPacketBytes: hello.maxPacketBytes,
        acknowledged: (roomId, seq) => session.acknowledged(roomId, seq),
      }),
      small: hello.maxPacketBytes < Infinity,
      onReady: (rooms) => this.onReady(rooms, resume),
      onClose,
    });
    ({ connection: this.connection } = parts.arrivals.enter(identity, this.link, resume));
    const forget = (): Promise<void> => parts.sessions.save(session, { forgetIds: true });
    const origins = { connection: session.connection, previous: session.opened.previous ?? undefined };
    const write = (bytes: Buffer): void => channel.write(bytes);
    const ids = new MessageIds(origins, forget);
    this.publisher = new Publisher(this.connection, { speech: hello, ids, events, write, end });
    this.subscriber = new Subscriber(this.connection, session, parts);
  }

  /** @throws Refusal of what ends the connection. */
  on(packet: Packet): void {
    this.connection.checkReading();
    if (packet.cmd === 'publish') return this.answer(this.publisher.take(packet));
    if (packet.cmd === 'puback') return this.link.acknowledge(packet.messageId ?? 0);
    if (packet.cmd === 'pingreq') return this.parts.channel.write(pingresp);
    if (packet.cmd === 'subscribe') {
      if (packet.properties?.subscriptionIdentifier !== undefined) {
        throw wrong(reasons.subscriptionId, 'Subscriptions have no numbers here.');
      }
      return this.inTurn(async () => {
        const granted = await this.subscriber.subscribe(packet.subscriptions);
        this.parts.channel.write(suback(this.hello, packet.messageId ?? 0, granted));
        if (packet.subscriptions.some(({ topic }) => topic === userEvents)) {
          this.parts.arrivals.listens(this.connection);
        }
      });
    }
    if (packet.cmd === 'unsubscribe') {
      return this.inTurn(async () => {
        const answers = await this.subscriber.unsubscribe(packet.unsubscriptions);
        this.parts.channel.write(unsuback(this.hello, packet.messageId ?? 0, answers));
      });
    }
    throw wrong(reasons.protocolError, `A client that is in says no ${packet.cmd.toUpperCase()} here.`);
  }

  /** One after the other, and only once it is known which rooms he is in. */
  private inTurn(work: () => Promise<void>): void {
    this.subscribing = this.subscribing.then(work);
    this.answer(this.subscribing);
  }

  private answer(work: Promise<void>): void {
    this.unanswered++;
    work
      .catch((error: unknown) => this.parts.end(error as Refusal))
      .finally(() => {
        this.unanswered--;
        this.parts.onAnswer();
      });
  }

  /**
   * Of a room that cannot go on where he stands he is told in its own topic, and again until he has acknowledged it.
   * Where he came into a room between the
   * session was read and his rooms were, he comes again, as something of it would be missing.
   */
  private onReady(rooms: Record<string, ReadyRoom>, resume: Record<string, number>): void {
    const { session } = this;
    for (const [roomId, place] of Object.entries(rooms)) {
      if (session.subscriptions.ofRoom(roomId) !== 1) continue;
      const { seq } = place;
      const name = 'removed' in place ? 'removed' : place.reset ? 'reset' : undefined;
      if (name !== undefined) {
        const told = { name, json: JSON.stringify({ event: name, roomId, seq }), roomId, seq };
        this.connection.write(this.link.encoder(roomId).encode([told]));
      } else if (!Object.hasOwn(resume, roomId)) this.connection.end('unavailable');
    }
    this.becomeReady();
  }
}
