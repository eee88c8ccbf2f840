import { type ClosingCode, CodedError, helloMs, maxPayloadBytes } from '@maru/contracts';
import type { IConnectPacket, Packet } from 'mqtt-packet';
import type { Closing } from '../core/link';
import { connack, disconnect, refusedConnack } from './answers';
import type { Channel, Listener } from './channel';
import { checkUsername, readHello, readToken, versionOf } from './hello';
import { PacketReader, type Version } from './packet-reader';
import { closingReasons, reasons, Refusal, refusalOf, wrong } from './reasons';
import { Stay, type StayParts } from './stay';
import type { Wills } from './wills.service';

export interface TalkParts extends Omit<StayParts, 'channel' | 'onClose' | 'end' | 'onAnswer'> {
  wills: Wills;
  maxOutstanding: number;
}

/** What the gateway ends does not count as going without a word, when the client may come back or may be no more. */
const withoutWill: ClosingCode[] = ['shutdown', 'token_expired', 'session_ended'];

/** One client, from its first byte to its end. While it has too much without an answer, no more is read of it. */
export class Talk implements Listener {
  private readonly channel: Channel;
  private readonly reader = new PacketReader(maxPayloadBytes);
  private readonly late: NodeJS.Timeout;
  private stage: 'new' | 'arriving' | 'in' | 'ended' = 'new';
  private version: Version | undefined;
  private stay: Stay | undefined;
  private leavesWill = true;
  private heardAt = Date.now();

  /** `knocked`: whether its address may come. `onClosed`: the link is gone. */
  constructor(
    private readonly parts: TalkParts,
    private readonly knocked: Promise<void>,
    open: (listener: Listener) => Channel,
    private readonly onClosed: (talk: Talk) => void,
  ) {
    knocked.catch(() => undefined);
    this.late = setTimeout(() => this.refuse(new CodedError('unauthenticated', lateHello)), helloMs);
    this.channel = open(this);
  }

  take(bytes: Buffer): void {
    if (this.stage === 'ended') return;
    this.heardAt = Date.now();
    this.reader.push(bytes);
    this.read();
  }

  closed(): void {
    this.goOut();
    this.onClosed(this);
  }

  /** Ends a client that has been silent for longer than it said it would. */
  checkSilence(now: number): void {
    if (!this.mayRead) this.heardAt = now;
    const silenceMs = this.stay?.hello.silenceMs ?? 0;
    if (silenceMs > 0 && now - this.heardAt > silenceMs) {
      this.refuse(wrong(reasons.keepAlive, 'Nothing came for longer than one and a half keep-alives.'));
    }
  }

  /** Ends it without a word. */
  cutOff(): void {
    this.goOut();
    this.channel.end();
  }

  /** Nothing more is heard of it or told to it. */
  private goOut(): void {
    clearTimeout(this.late);
    this.stage = 'ended';
    const { stay } = this;
    this.stay = undefined;
    if (stay === undefined) return;
    this.parts.arrivals.left(stay.connection);
    this.parts.sessions.leave(stay.session);
    const { will } = stay.hello;
    if (this.leavesWill && will !== undefined) this.parts.wills.left(stay.connection, stay.session, will);
  }

  private get mayRead(): boolean {
    const unanswered = this.stay?.unanswered ?? 0;
    return this.stage === 'new' || (this.stage === 'in' && unanswered < this.parts.maxOutstanding);
  }

  private read(): void {
    try {
      while (this.mayRead) {
        const packet = this.reader.next();
        if (packet === undefined) break;
        this.on(packet);
      }
    } catch (error) {
      this.refuse(error);
    }
    if (this.ended()) return;
    if (this.mayRead) this.channel.resume();
    else this.channel.pause();
  }

  private on(packet: Packet): void {
    if (this.stay === undefined) {
      if (packet.cmd !== 'connect') throw wrong(reasons.protocolError, 'The first packet is CONNECT.');
      void this.welcome(packet);
    } else if (packet.cmd === 'disconnect') {
      this.leavesWill = packet.reasonCode === reasons.disconnectWithWill;
      const expiry = packet.properties?.sessionExpiryInterval;
      if (expiry !== undefined) this.stay.session.expire(expiry);
      this.cutOff();
    } else this.stay.on(packet);
  }

  private async welcome(packet: IConnectPacket): Promise<void> {
    this.stage = 'arriving';
    this.version = versionOf(packet);
    try {
      const hello = readHello(packet);
      this.reader.speak(hello.version);
      await this.knocked;
      const { arrivals, sessions, maxOutstanding } = this.parts;
      const identity = await arrivals.verify(readToken(packet));
      checkUsername(hello, identity.userId);
      const takenOver = (): void =>
        this.refuse(wrong(reasons.takenOver, 'Another connection has this client id now.'));
      const session = await sessions.open(identity.userId, hello, takenOver);
      clearTimeout(this.late);
      if (this.ended()) return sessions.leave(session);
      this.channel.write(connack({ hello, sessionPresent: session.opened.present, maxOutstanding }));
      this.stage = 'in';
      this.stay = new Stay(identity, hello, session, {
        ...this.parts,
        channel: this.channel,
        onClose: (closing) => this.close(closing),
        end: (refusal) => this.refuse(refusal),
        onAnswer: () => this.read(),
      });
      // One whose session has ended is out again already.
      if (this.ended()) this.goOut();
      else this.read();
    } catch (error) {
      this.refuse(error);
    }
  }

  /** `stage` as it is after something was waited for. */
  private ended(): boolean {
    return this.stage === 'ended';
  }

  private close({ code, reconnect: retryable, retryAfterMs }: Closing): void {
    if (withoutWill.includes(code)) this.leavesWill = false;
    const message = 'The gateway ends this connection.';
    this.refuse(
      new Refusal(closingReasons[code], {
        ...{ code, message, retryable },
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      }),
    );
  }

  /** Ends it with a word, where the protocol has one for it. */
  private refuse(error: unknown): void {
    if (this.stage === 'ended') return;
    if (!(error instanceof Refusal)) this.parts.events.refused('connect', error);
    const refusal = refusalOf(error, 'connack');
    if (this.stage === 'arriving') this.channel.write(refusedConnack(this.version ?? 4, refusal));
    else if (this.stage === 'in' && this.version === 5) this.channel.write(disconnect(refusal));
    this.cutOff();
  }
}

const lateHello = `No CONNECT with a token came within ${helloMs / 1000} s.`;
