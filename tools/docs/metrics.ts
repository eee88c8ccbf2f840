import { KafkaMetrics } from '@maru/kafka-client';
import { RateLimits } from '@maru/service-kit';
import { Registry } from 'prom-client';
import { ArchiveMetrics } from '../../apps/api-chat/src/archive/archive.metrics';
import { NotificationsMetrics } from '../../apps/api-chat/src/notifications/notifications.metrics';
import { WebhooksMetrics } from '../../apps/api-chat/src/webhooks/webhooks.metrics';
import { WriterMetrics } from '../../apps/api-chat/src/writer/writer.metrics';
import { CoreMetrics } from '../../apps/gateway/src/core/core.metrics';
import { PresenceMetrics } from '../../apps/gateway/src/presence/presence.metrics';
import { RouterMetrics } from '../../apps/router/src/routing/router.metrics';
import { code, table } from './table';

const makers: Record<string, (registry: Registry) => unknown> = {
  'every app': (registry) => [
    new KafkaMetrics(registry),
    new RateLimits({ RATE_LIMITS: 'on', NODE_ENV: 'test' }, registry),
  ],
  'api-chat': (registry) => [
    new WriterMetrics(registry),
    new ArchiveMetrics(registry),
    new NotificationsMetrics(registry),
    new WebhooksMetrics(registry),
  ],
  gateway: (registry) => [new CoreMetrics(registry), new PresenceMetrics(registry)],
  router: (registry) => new RouterMetrics(registry),
};

interface Described {
  name: string;
  help: string;
  type: unknown;
  labelNames?: string[];
}

export interface Metric {
  app: string;
  name: string;
  help: string;
  histogram: boolean;
  labels: string[];
}

/** What `make` puts on a registry. */
export function metricsOf(app: string, make: (registry: Registry) => unknown): Metric[] {
  const registry = new Registry();
  make(registry);
  return (registry.getMetricsAsArray() as unknown as Described[]).map(
    ({ name, help, type, labelNames = [] }) => ({
      ...{ app, name, help, labels: labelNames },
      histogram: type === 'histogram',
    }),
  );
}

/** Every metric of ours, by the app that has it. */
export function ourMetrics(): Metric[] {
  return Object.entries(makers).flatMap(([app, make]) => metricsOf(app, make));
}

export function metricsTable(): string {
  const rows = ourMetrics().map(({ app, name, help, labels }) => [
    ...[code(name), app],
    ...[labels.map(code).join(', ') || '–', help],
  ]);
  return table(['metric', 'app', 'labels', 'what it counts'], rows);
}
