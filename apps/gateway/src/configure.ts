import type { NestExpressApplication } from '@nestjs/platform-express';
import { restDoor } from './door/rest-door';
import type { GatewayEnv } from './gateway.config';
import { GatewayIoAdapter } from './socketio/io.adapter';

/** What stands before the gateway's own routes: origins, Socket.IO, and the door to the services. */
export function configureGateway(app: NestExpressApplication, env: GatewayEnv): void {
  app.enableCors({ origin: env.CORS_ORIGINS.includes('*') ? '*' : env.CORS_ORIGINS, maxAge: 600 });
  app.useWebSocketAdapter(new GatewayIoAdapter(app, env));
  app.use(restDoor(env));
}
