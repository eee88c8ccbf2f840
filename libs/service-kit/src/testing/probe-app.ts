import type { AddressInfo } from 'node:net';
import { Body, Controller, Get, Module, Param, Post } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { kafkaConfigFrom, kafkaEnv, KafkaModule } from '@maru/kafka-client';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { CurrentUser, ForServer, type Identity, Internal, Public } from '../auth/access';
import { readEnvironment, serviceEnv } from '../config/environment';
import { topicsEnv, topicSpecs } from '../kafka/topic-specs';
import { createService, type ServiceOptions, startService } from '../run-service';
import { ServiceKitModule } from '../service-kit.module';

const thing = z.strictObject({ name: z.string().min(1), size: z.int() });

@Controller()
class ProbeController {
  @Get('mine')
  mine(@CurrentUser() user: Identity) {
    return user;
  }

  @Public()
  @Post('things')
  add(@Body({ schema: thing }) body: z.infer<typeof thing>) {
    return body;
  }

  @Public()
  @Get('things/:id')
  get(@Param('id', { schema: z.uuid() }) id: string) {
    return { id };
  }

  @Public()
  @Get('broken')
  broken() {
    throw new Error('a secret of the inside');
  }

  @ForServer('rooms:write')
  @Post('server/things/:id')
  ofServer() {
    return { inside: true };
  }

  @Internal()
  @Get('internal/things')
  internal() {
    return { inside: true };
  }
}

@Module({ controllers: [ProbeController] })
class ProbeModule {}

export interface ProbeApp {
  url: string;
  app: NestExpressApplication;
  /** What was logged, a line of JSON each. */
  lines: string[];
}

/** An app with a route of each sort, on the broker of the tests. */
export async function startProbeApp(settings: NodeJS.ProcessEnv): Promise<ProbeApp> {
  const shape = { ...serviceEnv, ...kafkaEnv, ...topicsEnv };
  const env = readEnvironment(shape, { ...process.env, HOST: '127.0.0.1', ...settings });
  const lines: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const registry = new Registry();
  const topics = topicSpecs(['auth.events'], env);
  const module = {
    module: ProbeModule,
    imports: [
      KafkaModule.forRoot({ config: kafkaConfigFrom(env, 'probe'), logger, registry }),
      ServiceKitModule.forRoot({ app: 'probe', env, logger, registry, topics }),
    ],
  };
  const options: ServiceOptions = { app: 'probe', port: 0, env, logger, module };
  const app = await createService(options);
  await startService(app, options);
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, app, lines };
}
