import { Module } from '@nestjs/common';
import { Registrations } from './registrations.service';

/** What this gateway asks the routers for. */
@Module({ providers: [Registrations], exports: [Registrations] })
export class RoutingModule {}
