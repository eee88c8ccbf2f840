import { type AppName, builtApps, makeApps, schemeOf } from './apps';
import { type Cassandra, prepareCassandra } from './cassandra/server';
import { checkPrerequisites } from './checks';
import { Home } from './home';
import { type KafkaCluster, prepareKafka } from './kafka/cluster';
import { askBroker } from './kafka/probe';
import type { ManagedProcess } from './managed-process';
import { type Counts, freePorts, plannedPorts, type PortPlan } from './ports';
import { preparePostgres } from './postgres/server';
import { Ranks } from './ranks';
import { removeRunFile, type RunFile, runningProcess, writeRunFile } from './run-file';
import type { StackOptions } from './stack-options';
import { Supervisor, type SupervisorEvent } from './supervisor';

/**
 * A whole Maru on this machine: Kafka, PostgreSQL and the apps. The steps are public and apart so that a
 * progress list can show them; `startStack` takes them all. `stop()` is right at any moment.
 */
export class Stack {
  private readonly home: Home;
  private readonly counts: Counts;
  private readonly ranks = new Ranks();
  private readonly supervisor = new Supervisor((event) => this.heard(event));
  private readonly startedAt = new Date().toISOString();
  private portPlan: PortPlan | undefined;
  private kafka: KafkaCluster | undefined;
  private brokers: string[];
  private clusterId: string | null = null;
  private databaseUrl: string;
  private cassandra: Cassandra | undefined;
  private waitingGateways: ManagedProcess[] = [];
  private locked = false;

  constructor(private readonly options: StackOptions) {
    this.home = new Home(options.home);
    this.counts = {
      gateways: options.gateways ?? 1,
      writers: options.writers ?? 1,
      routers: this.routed ? (options.routers ?? 1) : 0,
      brokers: options.brokers ?? 1,
      cassandras: options.history === 'cql' ? 1 : 0,
    };
    this.brokers = options.kafkaBrokers ?? [];
    this.databaseUrl = options.databaseUrl ?? '';
  }

  /** Each process by its name: `kafka` or `kafka-1` …, `postgres`, `cassandra`, `api-users`, `api-chat`, `api-chat-2`, `gateway` … */
  get processes(): ReadonlyMap<string, ManagedProcess> {
    return this.ranks.byName;
  }

  /** Where each gateway is. */
  get urls(): string[] {
    const scheme = schemeOf(this.envOf('gateway'));
    return this.ports.gateway.map((port) => `${scheme}://127.0.0.1:${port}`);
  }

  /** What run.json says now. */
  get run(): RunFile {
    return {
      url: this.urls[0] ?? '',
      gateways: this.urls,
      mqtt: this.ports.mqtt.map((port) => `mqtt://127.0.0.1:${port}`),
      users: local(this.ports.users),
      auth: local(this.ports.auth),
      chat: this.ports.chat.map(local),
      routers: this.ports.router.map(local),
      brokers: this.brokers,
      clusterId: this.clusterId,
      databaseUrl: this.databaseUrl,
      cql: this.cql,
      startedAt: this.startedAt,
      pid: process.pid,
      processes: [...this.processes.values()].flatMap((one) => runningProcess(one.name, one.pid)),
    };
  }

  /** Takes the folder and looks whether all that is needed is there. */
  async check(): Promise<void> {
    await this.home.lock();
    this.locked = true;
    const { ports, kafkaBrokers, databaseUrl, home } = this.options;
    this.portPlan =
      ports === 'free' ? await freePorts(this.counts) : (ports ?? plannedPorts(this.counts, process.env));
    const ownPostgres = databaseUrl === undefined;
    await checkPrerequisites({ home, ports: this.portPlan, ownKafka: !kafkaBrokers, ownPostgres });
  }

  async startKafka(): Promise<void> {
    if (this.options.kafkaBrokers) {
      const view = await askBroker(this.brokers[0] ?? '').catch(() => undefined);
      this.clusterId = view?.clusterId ?? null;
      return;
    }
    const dataDir = this.home.dataFolder(`${this.clusterName()}/kafka`);
    const { kafka: ports, kafkaControllers: controllerPorts } = this.ports;
    const nodes = this.counts.brokers;
    const detours = Object.values(this.options.detours ?? {});
    const doors = ports.map((_, index) => detours.flatMap(({ kafka }) => kafka.slice(index, index + 1)));
    this.kafka = await prepareKafka({ nodes, dataDir, ports, controllerPorts, doors });
    this.brokers = this.kafka.brokers;
    this.clusterId = this.kafka.clusterId;
    const brokers = this.kafka.nodes.map((node) => node.process);
    await this.ranks.start('stores', brokers, () => this.writeRun());
  }

  async startPostgres(): Promise<void> {
    if (this.options.databaseUrl !== undefined) return;
    const dataDir = this.home.dataFolder(`${this.clusterName()}/postgres`);
    const server = await preparePostgres({ dataDir, port: this.ports.postgres });
    this.databaseUrl = server.url;
    await this.ranks.start('stores', [server.process], () => this.writeRun());
  }

  /** Only where old history goes there. */
  async startCassandra(): Promise<void> {
    const [port] = this.ports.cassandra;
    const [storagePort] = this.ports.cassandraStorage;
    if (port === undefined) return;
    const dataDir = this.home.dataFolder(`${this.clusterName()}/cassandra`);
    this.cassandra = await prepareCassandra({ dataDir, port, storagePort });
    await this.ranks.start('stores', [this.cassandra.process], () => this.writeRun());
  }

  /** The services; resolves when each says that it is ready. */
  async startServices(): Promise<void> {
    const replication = { factor: this.counts.brokers, inSync: this.counts.brokers === 3 ? 2 : 1 };
    const { services, gateways } = makeApps({
      home: this.home,
      ports: this.ports,
      mains: { ...builtApps(), ...this.options.apps },
      brokers: this.brokers,
      ...(this.kafka && { replication }),
      databaseUrl: this.databaseUrl,
      cql: this.cql,
      envOf: (app) => this.envOf(app),
      detours: this.options.detours ?? {},
    });
    this.waitingGateways = gateways;
    await this.ranks.start('services', services, () => this.writeRun());
  }

  /** The gateways, and from here on the watch over everything. */
  async startGateways(): Promise<void> {
    await this.ranks.start('gateways', this.waitingGateways, () => this.writeRun());
    if (this.options.supervise === false) return;
    for (const one of this.processes.values()) this.supervisor.watch(one);
  }

  /** Drains and ends everything, doors first, within 10 s; then the folder is free. */
  async stop(): Promise<void> {
    this.supervisor.stop();
    await this.ranks.stop();
    if (!this.locked) return;
    removeRunFile(this.options.home);
    this.home.unlock();
  }

  private heard(event: SupervisorEvent): void {
    this.writeRun();
    this.options.onEvent?.(event);
  }

  private writeRun(): void {
    if (!this.ranks.stopped) writeRunFile(this.options.home, this.run);
  }

  private get cql(): string[] {
    return this.cassandra ? [this.cassandra.address] : [];
  }

  private get routed(): boolean {
    return (this.envOf('gateway').DELIVERY ?? process.env.DELIVERY) === 'routed';
  }

  private envOf(app: AppName): NodeJS.ProcessEnv {
    return { ...this.options.env, ...this.options.envOf?.[app] };
  }

  private get ports(): PortPlan {
    if (!this.portPlan) throw new Error('check() comes first');
    return this.portPlan;
  }

  /** The store knows the cluster it belongs to, so their files go together. */
  private clusterName(): string {
    if (this.options.kafkaBrokers) return 'external-kafka';
    return this.counts.brokers === 3 ? 'three-brokers' : 'one-broker';
  }
}

function local(port: number): string {
  return `http://127.0.0.1:${port}`;
}
