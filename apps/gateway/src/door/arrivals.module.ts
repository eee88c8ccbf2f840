import { Module } from '@nestjs/common';
import { CoreModule } from '../core/core.module';
import { Arrivals } from './arrivals.service';

@Module({ imports: [CoreModule], providers: [Arrivals], exports: [Arrivals, CoreModule] })
export class ArrivalsModule {}
