import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readEnvironment } from '@maru/service-kit';
import { type AppName, appNames, makeTempFolder, portSettings, removeFolder } from '@maru/stack';
import { authEnv } from '../../apps/api-auth/src/auth.config';
import { chatEnv } from '../../apps/api-chat/src/chat.config';
import { usersEnv } from '../../apps/api-users/src/users.config';
import { gatewayEnv } from '../../apps/gateway/src/gateway.config';
import { routerEnv } from '../../apps/router/src/router.config';
import { hasHelm, render } from './helm';
import { problemsOf, type Resource } from './resource';

interface Probe {
  httpGet: { path: string; port: string; scheme: string };
  timeoutSeconds: number;
  periodSeconds: number;
  failureThreshold: number;
}
interface Container {
  image: string;
  env: { name: string; value?: string; valueFrom?: { secretKeyRef: { name: string; key: string } } }[];
  ports: { name: string; containerPort: number }[];
  lifecycle: { preStop: { sleep: { seconds: number } } };
  startupProbe: Probe;
  livenessProbe: Probe;
  readinessProbe: Probe;
  resources: { requests: object; limits: object };
  securityContext: object;
}
interface Deployment extends Resource {
  spec: {
    replicas?: number;
    strategy: object;
    minReadySeconds: number;
    selector: { matchLabels: Record<string, string> };
    template: {
      metadata: { labels: Record<string, string> };
      spec: { terminationGracePeriodSeconds: number; containers: Container[] } & Record<string, unknown>;
    };
  };
}
interface Service extends Resource {
  spec: {
    type: string;
    selector?: Record<string, string>;
    externalTrafficPolicy?: string;
    ports: { name: string; port: number; targetPort?: string }[];
  };
}
interface Ingress extends Resource {
  spec: {
    rules: {
      http: { paths: { path: string; backend: { service: { name: string; port: { name: string } } } }[] };
    }[];
  };
}

const of = <T extends Resource>(resources: Resource[], kind: string) =>
  resources.filter((one) => one.kind === kind) as T[];
const appOf = ({ metadata }: Resource) => metadata.labels['app.kubernetes.io/component'] as AppName;
const containerOf = ({ spec }: Deployment): Container => spec.template.spec.containers[0] as Container;
const within = (part: Record<string, string>, labels: Record<string, string>) =>
  Object.entries(part).every(([name, value]) => labels[name] === value);

/** Everything that can be had at once. */
const everything = {
  delivery: 'routed',
  image: { registry: 'registry.example/maru', tag: 'today', pullSecrets: ['registry-login'] },
  secret: { name: 'maru-secrets' },
  env: { LOG_LEVEL: 'warn', KAFKA_SEND_TIMEOUT_MS: 12000 },
  podAnnotations: { team: 'chat' },
  nodeSelector: { disk: 'fast' },
  tolerations: [{ key: 'chat', operator: 'Exists', effect: 'NoSchedule' }],
  affinity: { nodeAffinity: {} },
  apiChat: {
    autoscaling: { enabled: true },
    env: {
      WEBHOOK_URL: 'https://hook.example',
      HISTORY_STORE: 'cql',
      CQL_CONTACT_POINTS: 'cassandra.example',
    },
    secretEnv: { WEBHOOK_SECRET: 'webhook', CQL_PASSWORD: 'cql-password' },
  },
  gateway: {
    autoscaling: { enabled: true, connections: 2_000_000 },
    env: { TAILS_MAX_CHARACTERS: 134_217_728 },
    tlsSecret: 'maru-tls',
    trustedProxies: '10.0.0.0/8',
    webPage: true,
    service: { annotations: { of: 'a balancer' } },
  },
  mqtt: { enabled: true, plain: true, annotations: { of: 'a balancer' }, sourceRanges: ['192.0.2.0/24'] },
  ingress: { enabled: true, host: 'chat.example', tlsSecret: 'chat-tls' },
  kafka: { storage: { class: 'fast' }, superUsers: ['operator'] },
};
const elsewhere = {
  kafka: { strimzi: false, external: { brokers: 'kafka-1.example:9092', caSecret: 'kafka-ca' } },
};
const open = {
  kafka: { strimzi: false, external: { brokers: 'kafka:9092', ssl: false, saslMechanism: '' } },
};

(hasHelm() ? describe : describe.skip)('the Helm chart', () => {
  let folder: string;
  let certificate: string;
  let least: Resource[];
  let most: Resource[];
  let all: Resource[][];
  let deployments: Deployment[];

  beforeAll(() => {
    folder = makeTempFolder();
    certificate = path.join(folder, 'ca.crt');
    writeFileSync(certificate, '-----BEGIN CERTIFICATE-----\n');
    least = render();
    most = render(everything);
    all = [least, most, render(elsewhere), render(open)];
    deployments = of<Deployment>(most, 'Deployment');
  });
  afterAll(() => removeFolder(folder));

  it('is what Kubernetes and Strimzi take, by their schemas', () => {
    expect(all.flatMap((resources) => resources.flatMap(problemsOf))).toEqual([]);
    for (const resources of all) {
      expect(resources.length).toBeGreaterThan(12);
      const names = resources.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it('is held against schemas that find a wrong version, a mistyped property and one of a wrong type', () => {
    const [service] = of<Service>(least, 'Service');
    if (service === undefined) throw new Error('there is no Service');
    expect(problemsOf({ ...service, apiVersion: 'v2' })).toHaveLength(1);
    expect(problemsOf({ ...service, spec: { ...service.spec, selectors: {} } })).toHaveLength(1);
    expect(problemsOf({ ...service, spec: { ...service.spec, ports: [{ port: 'http' }] } })).toHaveLength(1);
    const [topic] = of(least, 'KafkaTopic');
    expect(problemsOf({ ...(topic as Resource), spec: { partition: 12 } })).toHaveLength(1);
  });

  it('runs every app, on its port, routers only where gateways want them', () => {
    const portOf = new Map<string, number>(Object.values(portSettings).map(({ name, port }) => [name, port]));
    expect(deployments.map(appOf).sort()).toEqual([...appNames].sort());
    expect(of<Deployment>(least, 'Deployment').map(appOf)).not.toContain('router');
    for (const deployment of deployments) {
      const app = appOf(deployment);
      const { image, ports } = containerOf(deployment);
      expect(image).toBe(`registry.example/maru/${app}:today`);
      expect(ports[0]).toEqual({ name: 'http', containerPort: portOf.get(app) });
    }
    const { version } = JSON.parse(readFileSync(path.resolve(__dirname, '../../package.json'), 'utf8')) as {
      version: string;
    };
    const gateway = of<Deployment>(least, 'Deployment').find((one) => appOf(one) === 'gateway') as Deployment;
    expect(containerOf(gateway).image).toBe(`registry.example/gateway:${version}`);
  });

  const shapes = {
    ...{ 'api-users': usersEnv, 'api-auth': authEnv, 'api-chat': chatEnv },
    ...{ gateway: gatewayEnv, router: routerEnv },
  };
  it.each(appNames)('gives %s settings that it knows and takes, secrets by their keys alone', (app) => {
    for (const resources of all) {
      const deployment = of<Deployment>(resources, 'Deployment').find((one) => appOf(one) === app);
      if (deployment === undefined) continue;
      const { env } = containerOf(deployment);
      const unknown = env.filter(({ name }) => !(name in shapes[app]) && !name.startsWith('DATABASE_'));
      expect(unknown).toEqual([]);
      expect(new Set(env.map(({ name }) => name)).size).toBe(env.length);
      const given = env.map(({ name, value }): [string, string] => {
        const isSecret = /SECRET|PASSWORD|DATABASE_URL/.test(name);
        expect(value === undefined).toBe(isSecret);
        if (name === 'DATABASE_URL') return [name, 'postgres://maru:long-and-random@db.example:5432/maru'];
        if (name.endsWith('_FILE')) return [name, certificate];
        return [name, isSecret ? 'a-long-and-random-secret' : String(value)];
      });
      expect(() => readEnvironment(shapes[app], Object.fromEntries(given))).not.toThrow();
    }
  });

  it('gives a database to those that have one, and each only its own keys', () => {
    const keysOf = (app: string) =>
      containerOf(deployments.find((one) => appOf(one) === app) as Deployment).env.flatMap(
        ({ name, valueFrom }) =>
          valueFrom ? [`${name} ${valueFrom.secretKeyRef.name} ${valueFrom.secretKeyRef.key}`] : [],
      );
    expect(keysOf('api-chat')).toEqual([
      'CQL_PASSWORD maru-secrets cql-password',
      'DATABASE_URL maru-secrets api-chat-database-url',
      'INTERNAL_SECRET maru-secrets internal-secret',
      'WEBHOOK_SECRET maru-secrets webhook',
      'KAFKA_SASL_PASSWORD api-chat password',
    ]);
    expect(keysOf('gateway')).toEqual([
      'INTERNAL_SECRET maru-secrets internal-secret',
      'KAFKA_SASL_PASSWORD gateway password',
    ]);
    for (const resources of all) expect(of(resources, 'Secret')).toEqual([]);
  });

  it('lets the services be found by those who ask them', () => {
    const services = of<Service>(most, 'Service');
    const env = containerOf(deployments.find((one) => appOf(one) === 'gateway') as Deployment).env;
    for (const name of ['USERS_URL', 'AUTH_URL', 'CHAT_URL']) {
      const url = new URL(env.find((one) => one.name === name)?.value ?? '');
      const service = services.find(({ metadata }) => metadata.name === url.hostname);
      expect(service?.spec.ports[0]?.port).toBe(Number(url.port));
    }
    for (const { metadata, spec } of services) {
      if (metadata.name === 'maru-closed') continue;
      const { selector = {} } = spec;
      const found = deployments.filter((one) => within(selector, one.spec.template.metadata.labels));
      expect(found).toHaveLength(1);
      const ports = containerOf(found[0] as Deployment).ports.map(({ name }) => name);
      for (const { targetPort } of spec.ports) expect(ports).toContain(targetPort);
    }
  });

  it('asks each pod whether it lives and is ready, and leaves it the time to drain', () => {
    for (const deployment of deployments) {
      const { env, lifecycle, startupProbe, livenessProbe, readinessProbe } = containerOf(deployment);
      const scheme = appOf(deployment) === 'gateway' ? 'HTTPS' : 'HTTP';
      expect(startupProbe.httpGet).toEqual({ path: '/health/live', port: 'http', scheme });
      expect(livenessProbe.httpGet).toEqual(startupProbe.httpGet);
      expect(readinessProbe.httpGet).toEqual({ path: '/health/ready', port: 'http', scheme });
      // A check may take 2 s before it counts as failed.
      expect(readinessProbe.timeoutSeconds).toBeGreaterThan(2);
      const end = Number(env.find(({ name }) => name === 'SHUTDOWN_TIMEOUT_MS')?.value) / 1000;
      const { terminationGracePeriodSeconds: grace } = deployment.spec.template.spec;
      expect(grace).toBeGreaterThan(lifecycle.preStop.sleep.seconds + end);
    }
  });

  it('gives a start the time that it may need, and those who have no tables to bring up to date little', () => {
    const minutes = deployments.map((deployment) => {
      const { periodSeconds, failureThreshold } = containerOf(deployment).startupProbe;
      return [appOf(deployment), (periodSeconds * failureThreshold) / 60];
    });
    expect(Object.fromEntries(minutes)).toEqual({
      'api-chat': 60,
      'api-users': 10,
      'api-auth': 10,
      gateway: 2,
      router: 2,
    });
  });

  it('lets a gateway send its clients away in slices, and only then end, before the next one goes', () => {
    const gateway = (values: object) =>
      of<Deployment>(render(values), 'Deployment').find((one) => appOf(one) === 'gateway') as Deployment;
    const settings = (deployment: Deployment) =>
      Object.fromEntries(containerOf(deployment).env.map(({ name, value }) => [name, Number(value)]));
    for (const [values, drainMs, endMs] of [
      [{}, 45_000, 65_000],
      [{ gateway: { drainMs: 0 } }, 0, 20_000],
      [{ gateway: { drainMs: 12_300 }, shutdownTimeoutMs: 5000 }, 12_300, 17_300],
    ] as const) {
      const deployment = gateway(values);
      expect(settings(deployment)).toMatchObject({ DRAIN_MS: drainMs, SHUTDOWN_TIMEOUT_MS: endMs });
      const { minReadySeconds, template } = deployment.spec;
      const { seconds } = containerOf(deployment).lifecycle.preStop.sleep;
      expect(minReadySeconds).toBeGreaterThanOrEqual(seconds + drainMs / 1000);
      expect(template.spec.terminationGracePeriodSeconds).toBe(seconds + Math.ceil(endMs / 1000) + 5);
    }
  });

  it('has one more before there is one less, and evicts one at a time', () => {
    for (const { spec } of deployments) {
      expect(spec.strategy).toEqual({
        type: 'RollingUpdate',
        rollingUpdate: { maxUnavailable: 0, maxSurge: 1 },
      });
    }
    const budgets = of<
      Resource & { spec: { maxUnavailable: number; selector: Deployment['spec']['selector'] } }
    >(most, 'PodDisruptionBudget');
    expect(budgets.map(appOf).sort()).toEqual([...appNames].sort());
    for (const budget of budgets) {
      expect(budget.spec.maxUnavailable).toBe(1);
      const found = deployments.filter((one) =>
        within(budget.spec.selector.matchLabels, one.spec.template.metadata.labels),
      );
      expect(found.map(appOf)).toEqual([appOf(budget)]);
    }
  });

  it('lets a pod do no more than it needs', () => {
    for (const deployment of deployments) {
      const { spec } = deployment.spec.template;
      expect(spec).toMatchObject({
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      });
      const { resources, securityContext } = containerOf(deployment);
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(resources).toMatchObject({ requests: { memory: /\d/ }, limits: { memory: /\d/ } });
    }
  });

  it('scales gateways by connections and writers by what waits, by metrics that these apps tell', () => {
    const scalers = of<Resource & { spec: Record<string, unknown> }>(most, 'HorizontalPodAutoscaler');
    const metrics = Object.fromEntries(scalers.map((one) => [appOf(one), one.spec['metrics']]));
    const average = (averageValue: string) => ({ type: 'AverageValue', averageValue });
    expect(metrics).toEqual({
      gateway: [
        { type: 'Pods', pods: { metric: { name: 'gateway_connections' }, target: average('2000000') } },
      ],
      'api-chat': [
        {
          type: 'Pods',
          pods: {
            metric: {
              name: 'kafka_consumer_lag_records',
              selector: { matchLabels: { group: 'api-chat' } },
            },
            target: average('2000'),
          },
        },
      ],
    });
    const page = readFileSync(path.resolve(__dirname, '../../docs/operate.md'), 'utf8');
    for (const name of ['gateway_connections', 'kafka_consumer_lag_records']) expect(page).toContain(name);
    for (const { spec, ...scaler } of scalers) {
      const target = deployments.find((one) => appOf(one) === appOf(scaler));
      expect(spec['scaleTargetRef']).toMatchObject({ kind: 'Deployment', name: target?.metadata.name });
      // Else each upgrade would set it back.
      expect(target?.spec.replicas).toBeUndefined();
    }
    expect(of(least, 'HorizontalPodAutoscaler')).toEqual([]);
  });

  const pathsOf = (resources: Resource[]) =>
    of<Ingress>(resources, 'Ingress').flatMap(({ metadata, spec }) =>
      spec.rules.flatMap(({ http }) =>
        http.paths.map(({ path: at, backend }) => `${metadata.name} ${at} ${backend.service.name}`),
      ),
    );

  it('lets the public doors be asked from outside, and no health or metrics', () => {
    const doors = ['/api', '/docs', '/mqtt', '/stomp', '/ws'].map((at) => `maru ${at} maru-gateway`);
    const sticky = 'maru-sticky /socket.io maru-gateway';
    const withoutPage = render({
      gateway: { trustedProxies: '10.0.0.0/8' },
      ingress: { enabled: true, host: 'chat.example' },
    });
    expect(pathsOf(withoutPage)).toEqual([...doors, sticky]);
    expect(pathsOf(most)).toEqual([
      ...[...doors, 'maru / maru-gateway', 'maru /health maru-closed', 'maru /metrics maru-closed'],
      sticky,
    ]);
    const closed = of<Service>(most, 'Service').find(({ metadata }) => metadata.name === 'maru-closed');
    expect(closed?.spec.selector).toBeUndefined();
    expect(pathsOf(least)).toEqual([]);
  });

  it('keeps long connections open, and polling at one gateway', () => {
    const [plain, sticky] = of<Ingress>(most, 'Ingress').map(({ metadata }) => metadata.annotations);
    const nginx = 'nginx.ingress.kubernetes.io/';
    expect(plain).toEqual({
      [`${nginx}backend-protocol`]: 'HTTPS',
      [`${nginx}proxy-buffering`]: 'off',
      [`${nginx}proxy-read-timeout`]: '3600',
      [`${nginx}proxy-send-timeout`]: '3600',
    });
    expect(sticky).toMatchObject({ ...plain, [`${nginx}affinity`]: 'cookie' });
  });

  it('says what another ingress controller wants instead, where it is told so', () => {
    const ingress = {
      ...everything.ingress,
      annotations: Object.fromEntries(
        ['buffering', 'read-timeout', 'send-timeout'].map((name) => [
          `nginx.ingress.kubernetes.io/proxy-${name}`,
          null,
        ]),
      ),
      stickyAnnotations: { 'nginx.ingress.kubernetes.io/affinity': null, 'other.example/sticky': 'yes' },
    };
    const resources = render({ gateway: { trustedProxies: '10.0.0.0/8' }, ingress });
    const [plain, sticky] = of<Ingress>(resources, 'Ingress').map(({ metadata }) => metadata.annotations);
    expect(plain).toEqual({});
    expect(sticky).toMatchObject({ 'other.example/sticky': 'yes' });
    expect(sticky).not.toHaveProperty(['nginx.ingress.kubernetes.io/affinity']);
  });

  it('brings devices to the gateways over TCP, by their own addresses', () => {
    const mqtt = of<Service>(most, 'Service').find(({ metadata }) => metadata.name === 'maru-mqtt');
    expect(mqtt?.spec).toMatchObject({
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      ports: [{ port: 1883 }, { port: 8883 }],
    });
    expect(of(least, 'Service').map(({ metadata }) => metadata.name)).not.toContain('maru-mqtt');
  });

  it.each<[string, object, RegExp]>([
    ['no registry', {}, /image\.registry must be set/],
    ['no Secret', { image: { registry: 'registry.example' } }, /secret\.name must be set/],
    [
      'a secret as a value',
      { ...everything, env: { INTERNAL_SECRET: 'open' } },
      /INTERNAL_SECRET is a secret/,
    ],
    [
      'proxies that nobody named',
      { ...everything, gateway: { trustedProxies: '' } },
      /trustedProxies must be/,
    ],
    ['an ingress for no host', { ...everything, ingress: { enabled: true } }, /ingress\.host must be set/],
    [
      'MQTT that would be plain unasked',
      { ...everything, gateway: { trustedProxies: 'loopback' }, mqtt: { enabled: true } },
      /mqtt\.plain/,
    ],
    [
      'another Kafka without a place',
      { ...everything, kafka: { strimzi: false } },
      /external\.brokers must be/,
    ],
    ['fewer brokers than copies', { ...everything, kafka: { nodes: 1 } }, /replicationFactor/],
    [
      'more writers than partitions',
      { ...everything, apiChat: { autoscaling: { enabled: true, maxReplicas: 13 } } },
      /maxReplicas/,
    ],
    [
      'two gateways that send their clients away at once',
      { ...everything, gateway: { trustedProxies: 'loopback', drainMs: 60_000 } },
      /minReadySeconds/,
    ],
    ['a time to end that pods do not get', { ...everything, env: { DRAIN_MS: 60_000 } }, /gateway\.drainMs/],
    ['a mistyped name', { ...everything, gatway: {} }, /gatway/],
    ['a value that is none', { ...everything, delivery: 'both' }, /delivery/],
  ])('refuses %s', (_what, values, sentence) => {
    expect(() => render(values, { bare: true })).toThrow(sentence);
  });
});
