import { type DynamicModule, Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { LOGGER, type Logger } from '@maru/service-kit';
import { CHAT_ENV, type ChatEnv } from '../chat.config';
import { ArchiveMetrics } from './archive.metrics';
import { ArchiveRepository } from './archive.repository';
import { ArchiveService } from './archive.service';
import { CqlBodies } from './cql-bodies';
import { ARCHIVE, History } from './history';

/** Old history outside PostgreSQL. Import it behind the store and before Kafka, whose workers read of it to the end. */
@Global()
@Module({})
export class ArchiveModule implements OnApplicationShutdown {
  constructor(@Inject(ARCHIVE) private readonly archive: CqlBodies | undefined) {}

  static forRoot(env: ChatEnv): DynamicModule {
    const openArchive = (metrics: ArchiveMetrics, repository: ArchiveRepository, logger: Logger) =>
      env.CQL_CONTACT_POINTS && new CqlBodies(env, metrics, logger, (work) => repository.oneAtATime(work));
    return {
      module: ArchiveModule,
      providers: [
        ...[ArchiveMetrics, ArchiveRepository, ArchiveService, History],
        { provide: CHAT_ENV, useValue: env },
        { provide: ARCHIVE, inject: [ArchiveMetrics, ArchiveRepository, LOGGER], useFactory: openArchive },
      ],
      exports: [History, ARCHIVE],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.archive?.close();
  }
}
