import type { IncomingMessage } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { RateLimits } from '@maru/service-kit';
import { corsOrigin } from './door/origins';
import { restDoor } from './door/rest-door';
import type { GatewayEnv } from './gateway.config';
import { GatewayIoAdapter } from './socketio/io.adapter';
import { serveWebPage } from './web-page/web-page';
import { Upgrades } from './websocket/upgrades.service';

/** What stands before the gateway's own routes: origins, Socket.IO, the door to the services, and the page. */
export function configureGateway(app: NestExpressApplication, env: GatewayEnv): void {
  const limits = app.get(RateLimits);
  app.enableCors({
    origin: corsOrigin(env.CORS_ORIGINS),
    exposedHeaders: ['retry-after'],
    maxAge: 600,
  });
  app.useWebSocketAdapter(new GatewayIoAdapter(app, env));
  app.use(restDoor(env, limits));
  if (env.WEB_PAGE === 'on') serveWebPage(app);
  app.get(Upgrades).attach(app.getHttpServer());
  ignoreOtherUpgrades(app);
}

/**
 * A request that offers another protocol (Java's HTTP client offers h2c with each first one) is an ordinary one:
 * left to the WebSocket server it would be cut off without an answer.
 */
function ignoreOtherUpgrades(app: NestExpressApplication): void {
  const shouldUpgradeCallback = ({ headers }: IncomingMessage): boolean =>
    headers.upgrade?.toLowerCase() === 'websocket';
  Object.assign(app.getHttpServer(), { shouldUpgradeCallback });
}
