import { type Ack, CodedError } from '@maru/contracts';
import type { IPublishPacket } from 'mqtt-packet';
import type { ClientEvents } from '../commands/client-events.service';
import type { Connection } from '../core/connection';
import { puback, refusedPuback, type Speech } from './answers';
import { readMessage } from './message';
import type { MessageIds } from './message-ids';
import { reasons, Refusal, refusalOf, wrong } from './reasons';
import { publishedRoom } from './topics';

export interface PublisherParts {
  speech: Speech;
  ids: MessageIds;
  events: ClientEvents;
  write: (bytes: Buffer) => void;
  /** Ends the connection with the reason. */
  end: (refusal: Refusal) => void;
}

/** Says messages of a client, and answers in the order in which he sent them, once each is committed. */
export class Publisher {
  private answered: Promise<void> = Promise.resolve();

  constructor(
    private readonly connection: Connection,
    private readonly parts: PublisherParts,
  ) {}

  /** Resolves when it has been answered. @throws Refusal of what MQTT itself forbids here. */
  async take(packet: IPublishPacket): Promise<void> {
    const { speech } = this.parts;
    if (packet.qos === 2) throw wrong(reasons.qos, 'Messages are published with QoS 0 or 1.');
    if (packet.retain && speech.version === 5) throw wrong(reasons.retain, 'Nothing is retained here.');
    if (packet.topic === '' || packet.properties?.topicAlias !== undefined) {
      throw wrong(reasons.aliasInvalid, 'Topics have no aliases here.');
    }
    const said = this.say(packet);
    const before = this.answered;
    this.answered = before.then(async () => this.answer(packet, await said));
    await this.answered;
  }

  /** Never rejects. */
  private async say(packet: IPublishPacket): Promise<Said> {
    try {
      const roomId = publishedRoom(packet.topic);
      if (roomId === undefined) {
        throw wrong(reasons.topicInvalid, 'Messages are published to rooms/{roomId}/messages.');
      }
      const body = readMessage(roomId, packet.payload, packet.properties?.userProperties);
      if (packet.qos === 1 && body['id'] === undefined) body['id'] = this.idOf(packet, roomId);
      await this.parts.ids.settled;
      const ack = await this.parts.events.take(this.connection, 'sendMessage', body);
      return ack.ok ? ack : refusedBy(ack);
    } catch (error) {
      if (error instanceof Refusal) return error;
      return refusedBy(await this.parts.events.refuse(this.connection, 'sendMessage', error));
    }
  }

  private idOf({ messageId = 0, dup, payload }: IPublishPacket, roomId: string): string {
    return this.parts.ids.of({ packetId: messageId, dup, roomId, payload: Buffer.from(payload) });
  }

  private answer({ qos, messageId = 0 }: IPublishPacket, said: Said): void {
    const { speech, write, end } = this.parts;
    if (qos === 1) this.parts.ids.answered(messageId);
    if (!(said instanceof Error)) {
      const { id, seq, duplicate } = said;
      if (qos === 1)
        write(puback(speech, messageId, { id, seq: String(seq), ...(duplicate && { duplicate: 'true' }) }));
    } else if (qos === 1 && speech.version === 5) write(refusedPuback(speech, messageId, said));
    // QoS 0 and MQTT 3.1.1 have no answer that says no. What may be done later is lost with QoS 0, and with QoS 1 is
    // said again by the client when he comes back.
    else if (qos === 1 || said.body.retryable !== true) end(said);
  }
}

const refusedBy = ({ error }: Extract<Ack, { ok: false }>): Refusal =>
  refusalOf(CodedError.fromBody(error), 'puback');

type Said = Refusal | { id: string; seq: number; duplicate?: true };
