import { Module } from '@nestjs/common';
import { CoreModule } from '../core/core.module';
import { PresenceModule } from '../presence/presence.module';
import { NoticeReader } from './notice-reader.service';

/** What happens between users, told to those of them who are connected. */
@Module({ imports: [CoreModule, PresenceModule], providers: [NoticeReader] })
export class NoticesModule {}
