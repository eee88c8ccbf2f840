import { Module } from '@nestjs/common';
import { CoreModule } from '../core/core.module';
import { PresenceService } from './presence.service';

/** Tells who is connected here. */
@Module({ imports: [CoreModule], providers: [PresenceService] })
export class PresenceModule {}
