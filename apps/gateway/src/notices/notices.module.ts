import { Module } from '@nestjs/common';
import { CoreModule } from '../core/core.module';
import { NoticeReader } from './notice-reader.service';

/** What happens between users, told to those of them who are connected. */
@Module({ imports: [CoreModule], providers: [NoticeReader] })
export class NoticesModule {}
