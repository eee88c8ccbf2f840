import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { ClientEvents } from '../commands/client-events.service';
import { RoomsService } from '../core/rooms.service';
import { StoreClient } from '../core/store.client';
import { Arrivals } from '../door/arrivals.service';
import { GATEWAY_ENV, type GatewayEnv } from '../gateway.config';
import { Upgrades } from '../websocket/upgrades.service';
import { type Channel, type Listener, tcpChannel, webSocketChannel } from './channel';
import { DeviceSessions } from './device-sessions.service';
import { Listeners } from './listeners.service';
import { Talk, type TalkParts } from './talk';
import { Wills } from './wills.service';

const lookMs = 1000;

/** The MQTT door: 3.1.1 and 5, over TCP, TLS and WebSocket (`/mqtt`). */
@Injectable()
export class MqttDoor
  implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown
{
  private readonly talks = new Set<Talk>();
  private readonly parts: TalkParts;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly upgrades: Upgrades,
    private readonly listeners: Listeners,
    private readonly arrivals: Arrivals,
    events: ClientEvents,
    rooms: RoomsService,
    store: StoreClient,
    sessions: DeviceSessions,
    wills: Wills,
    @Inject(GATEWAY_ENV) env: Pick<GatewayEnv, 'MAX_OUTSTANDING'>,
  ) {
    this.parts = { arrivals, events, rooms, store, sessions, wills, maxOutstanding: env.MAX_OUTSTANDING };
  }

  onModuleInit(): void {
    this.upgrades.open('/mqtt', {
      subprotocol: 'mqtt',
      take: (socket) => this.begin(Promise.resolve(), (listener) => webSocketChannel(socket, listener)),
    });
    this.timer = setInterval(() => {
      const now = Date.now();
      for (const talk of this.talks) talk.checkSilence(now);
    }, lookMs).unref();
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.listeners.open((socket) => {
      const knocked = this.arrivals.knock(socket.remoteAddress ?? '');
      this.begin(knocked, (listener) => tcpChannel(socket, listener));
    });
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
    this.listeners.close();
  }

  /** Those who have not said who they are: nobody has told them to go. */
  onApplicationShutdown(): void {
    for (const talk of this.talks) talk.cutOff();
  }

  private begin(knocked: Promise<void>, open: (listener: Listener) => Channel): void {
    this.talks.add(new Talk(this.parts, knocked, open, (talk) => this.talks.delete(talk)));
  }
}
