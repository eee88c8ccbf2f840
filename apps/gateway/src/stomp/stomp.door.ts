import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ClientEvents } from '../commands/client-events.service';
import { Arrivals } from '../door/arrivals.service';
import { Upgrades } from '../websocket/upgrades.service';
import { StompTalk } from './stomp-talk';

/** The STOMP 1.2 door, `/stomp`. */
@Injectable()
export class StompDoor implements OnModuleInit {
  constructor(
    private readonly upgrades: Upgrades,
    private readonly arrivals: Arrivals,
    private readonly events: ClientEvents,
  ) {}

  onModuleInit(): void {
    this.upgrades.open('/stomp', {
      subprotocol: 'v12.stomp',
      take: (socket) => void new StompTalk(socket, this.arrivals, this.events),
    });
  }
}
