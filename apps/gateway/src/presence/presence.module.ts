import { Module } from '@nestjs/common';
import { CoreModule } from '../core/core.module';
import { PresenceChanges } from './presence-changes.service';
import { PresenceMetrics } from './presence.metrics';
import { PresenceReader } from './presence-reader.service';
import { PresenceService } from './presence.service';
import { Watchers } from './watchers.service';

/** Tells who is connected here, and tells those who are here how others are. */
@Module({
  imports: [CoreModule],
  providers: [PresenceChanges, PresenceMetrics, PresenceReader, PresenceService, Watchers],
  exports: [Watchers],
})
export class PresenceModule {}
