import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { topics } from '@maru/contracts';
import { ConsumerService, type IncomingRecord, kafkaConfig, kafkaConfigFrom } from '@maru/kafka-client';
import { makeTempFolder, removeFolder } from '@maru/stack';
import { Scene } from './conversation/scene';
import type { ChatClient } from './support/chat-client';
import { type Maru, startMaru } from './support/maru';
import { until } from './support/until';
import type { TestUser } from './support/user';
import { Collector, treeOf } from './traces/collector';

/** What a client that traces says in its headers. */
function traceparent(flags: '01' | '00' = '01') {
  const [traceId, parentId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { traceId, parentId, traceparent: `00-${traceId}-${parentId}-${flags}` };
}

const written = ['gateway deliver chat.events to 1', '  gateway write'];
/** From the command on the log to each of two gateways, with a member at either. */
const decided = (delivered: string[]): string[] => [
  'api-chat decide chat.commands',
  '  api-chat commit',
  '  api-chat send chat.events',
  ...[...delivered, ...delivered].map((line) => `    ${line}`),
];

/** People at two gateways of a Maru that tells a collector its traces. */
class Traced {
  private constructor(
    readonly collector: Collector,
    readonly maru: Maru,
    readonly scene: Scene,
    readonly ann: TestUser,
    readonly roomId: string,
    readonly clients: readonly [ChatClient, ChatClient],
  ) {}

  static async start(options: Parameters<typeof startMaru>[0]): Promise<Traced> {
    const collector = await Collector.start();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '50' };
    const maru = await startMaru({ gateways: 2, ...options, env: { ...env, ...options?.env } });
    const scene = new Scene(maru);
    const [ann, bob] = [await scene.user('Ann'), await scene.user('Bob')];
    const roomId = await scene.room('private', ann, bob);
    const clients = [await scene.client(ann, 1, { door: 'ws' }), await scene.client(bob, 2)] as const;
    // Who has heard a message hears the next one as it comes: a client that is let in may first be given what was before.
    const first = await clients[0].send(roomId, 'nor this');
    for (const client of clients)
      await client.caughtUp(roomId, first.kind === 'acked' ? first.seq : Infinity);
    return new Traced(collector, maru, scene, ann, roomId, clients);
  }

  /** Posts a message as a client that traces. @returns its seq */
  async post(traced: { traceparent: string }): Promise<number> {
    const answer = await fetch(`${this.maru.urls[0] ?? ''}/api/rooms/${this.roomId}/messages`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.ann.token}`,
        'content-type': 'application/json',
        traceparent: traced.traceparent,
      },
      body: JSON.stringify({ text: 'nobody sees this in a trace' }),
    });
    expect(answer.status).toBe(201);
    return ((await answer.json()) as { seq: number }).seq;
  }

  /** The trace, once it has so many lines. */
  async tree(traceId: string, parentId: string, lines: number): Promise<string[]> {
    const tree = () => treeOf(this.collector.ofTrace(traceId), parentId);
    await until(
      () => `a trace of ${lines} steps; it has:\n${tree().join('\n')}`,
      () => tree().length >= lines,
    );
    return tree();
  }

  async stop(): Promise<void> {
    this.scene.close();
    await this.maru.stop();
    this.collector.stop();
  }
}

describe('the trace of a message', () => {
  const loaded = makeTempFolder('maru-loaded-');
  let traced: Traced;
  beforeAll(async () => {
    traced = await Traced.start({
      env: {
        NODE_OPTIONS: `--require=${path.join(__dirname, 'traces/loaded.preload.ts')}`,
        LOADED_FOLDER: loaded,
      },
      envOf: { 'api-users': { OTEL_SDK_DISABLED: 'true' } },
    });
  }, 120_000);
  afterAll(async () => {
    await traced.stop();
    removeFolder(loaded);
  });

  it('leads from the client that posted it over REST to each gateway that delivers it', async () => {
    const { traceId, parentId, ...sent } = traceparent();
    const seq = await traced.post(sent);
    const expected = [
      'gateway POST',
      '  api-chat POST /api/rooms/:id/messages',
      '    api-chat send chat.commands',
      ...decided(written).map((line) => `      ${line}`),
    ];
    expect(await traced.tree(traceId, parentId, expected.length)).toEqual(expected);
    const spans = traced.collector.ofTrace(traceId);
    const deliveries = spans.filter(({ name }) => name === 'deliver chat.events');
    expect(new Set(deliveries.map(({ instance }) => instance)).size).toBe(2);
    for (const { attributes } of deliveries)
      expect(attributes).toMatchObject({
        'maru.room_id': traced.roomId,
        'maru.seq': seq,
        'maru.connections': 1,
      });
    const writes = spans.filter(({ name }) => name === 'write').map(({ attributes }) => attributes);
    expect(new Set(writes.map((attributes) => attributes['user.id']))).toEqual(
      new Set(traced.clients.map(({ user }) => user.id)),
    );
    expect(new Set(writes.map((attributes) => attributes['maru.door']))).toEqual(
      new Set(['websocket', 'socketio']),
    );
  });

  it('begins at the socket where the client says nothing of traces', async () => {
    const [, bobs] = traced.clients;
    const sent = await bobs.send(traced.roomId, 'nor this');
    const seq = sent.kind === 'acked' ? sent.seq : 0;
    const isSent = ({ attributes }: { attributes: Record<string, unknown> }) =>
      attributes['maru.seq'] === seq;
    const found = await until('it is decided', () =>
      traced.collector.spans.find((span) => span.name === 'decide chat.commands' && isSent(span)),
    );
    const expected = [
      'gateway sendMessage',
      '  gateway send chat.commands',
      ...decided(written).map((line) => `    ${line}`),
    ];
    expect(await traced.tree(found.traceId, '', expected.length)).toEqual(expected);
  });

  it('begins and ends at STOMP and MQTT as well', async () => {
    const { scene, collector } = traced;
    const [cid, dora] = [await scene.user('Cid'), await scene.user('Dora')];
    const roomId = await scene.room('private', cid, dora);
    const clients = [
      await scene.client(cid, 1, { door: 'stomp' }),
      await scene.client(dora, 2, { door: 'mqtt' }),
    ];
    for (const client of clients) {
      // Once it has heard of one, all hear the next as it comes.
      for (const text of ['nobody sees', 'nor this']) {
        const sent = await client.send(roomId, text);
        const seq = sent.kind === 'acked' ? sent.seq : Infinity;
        for (const one of clients) await one.caughtUp(roomId, seq);
      }
      const { length: seq } = await scene.events(cid, roomId);
      const { traceId } = await until('it is decided', () =>
        collector.spans.find(
          ({ name, attributes }) =>
            name === 'decide chat.commands' &&
            attributes['maru.room_id'] === roomId &&
            attributes['maru.seq'] === seq,
        ),
      );
      const expected = [
        'gateway sendMessage',
        '  gateway send chat.commands',
        ...decided(written).map((line) => `    ${line}`),
      ];
      expect(await traced.tree(traceId, '', expected.length)).toEqual(expected);
      const doors = collector.ofTrace(traceId).flatMap(({ attributes }) => attributes['maru.door'] ?? []);
      expect(new Set(doors)).toEqual(new Set(['stomp', 'mqtt']));
    }
  });

  it('goes on where the frame of a socket names one, and says what was refused', async () => {
    const [anns] = traced.clients;
    const { traceId, parentId, ...sent } = traceparent();
    await anns.ask('sendMessage', { roomId: traced.roomId, text: 'nor this', ...sent });
    const expected = [
      'gateway sendMessage',
      '  gateway send chat.commands',
      ...decided(written).map((line) => `    ${line}`),
    ];
    expect(await traced.tree(traceId, parentId, expected.length)).toEqual(expected);

    const refused = traceparent();
    await anns.ask('sendMessage', { roomId: traced.roomId, text: '', traceparent: refused.traceparent });
    expect(await traced.tree(refused.traceId, refused.parentId, 1)).toEqual(['gateway sendMessage']);
    expect(traced.collector.ofTrace(refused.traceId)[0]?.attributes).toMatchObject({
      'maru.code': 'bad_request',
      'maru.room_id': traced.roomId,
    });
  });

  it('counts all connections and names the first twenty', async () => {
    const many = await Promise.all(
      Array.from({ length: 22 }, () => traced.scene.client(traced.ann, 1, { door: 'ws' })),
    );
    const { traceId, parentId, ...sent } = traceparent();
    await traced.post(sent);
    await traced.tree(traceId, parentId, 3 + 3 + 2 + 21);
    const spans = traced.collector.ofTrace(traceId);
    const counts = spans.flatMap(({ attributes }) => attributes['maru.connections'] ?? []);
    expect(counts.sort()).toEqual([1, 23]);
    expect(spans.filter(({ name }) => name === 'write')).toHaveLength(21);
    for (const client of many) client.drop();
  });

  it('is not written on the log when the client does not want it kept', async () => {
    const headers = new Map<number, IncomingRecord['headers']>();
    const env = kafkaConfig.parse({ KAFKA_BROKERS: traced.maru.run.brokers.join(',') });
    const consumer = new ConsumerService(kafkaConfigFrom(env, 'e2e'));
    await consumer.subscribe({
      group: `e2e-${randomBytes(4).toString('hex')}`,
      topics: [topics.chatEvents],
      fromBeginning: true,
      worker: async (queue) => {
        for (;;)
          for (const record of await queue.next(100)) {
            if (record.key === traced.roomId)
              headers.set(Number(record.headers['ce_id']?.split('/')[1]), record.headers);
          }
      },
    });
    const [unwanted, wanted] = [traceparent('00'), traceparent()];
    const [without, withOne] = [await traced.post(unwanted), await traced.post(wanted)];
    await until('both events are read', () => headers.has(without) && headers.has(withOne));
    await consumer.stop();
    expect(headers.get(without)).not.toHaveProperty('traceparent');
    expect(headers.get(withOne)?.['traceparent']).toContain(wanted.traceId);
    await traced.tree(wanted.traceId, wanted.parentId, 10);
    expect(traced.collector.ofTrace(unwanted.traceId)).toEqual([]);
  });

  it('holds no text, token or e-mail', () => {
    const told = JSON.stringify(traced.collector.spans);
    for (const secret of ['nobody sees', 'nor this', '@e2e.test', 'eyJ', traced.ann.password])
      expect(told).not.toContain(secret);
  });

  it('disturbs nobody when the collector hangs, and the end neither', async () => {
    const [anns, bobs] = traced.clients;
    traced.collector.hangs = true;
    for (let number = 1; number <= 50; number++) {
      const began = performance.now();
      expect(await anns.send(traced.roomId, `nor this ${number}`)).toMatchObject({ kind: 'acked' });
      // One that waited for the collector would take its 10 s.
      expect(performance.now() - began).toBeLessThan(8000);
    }
    const events = await traced.scene.events(traced.ann, traced.roomId);
    await bobs.caughtUp(traced.roomId, events.length);
    await until('the collector was asked', () => traced.collector.ignored > 0);
    const began = performance.now();
    await traced.maru.processes.get('gateway-2')?.stop(20_000);
    // One that hung would be cut at SHUTDOWN_TIMEOUT_MS.
    expect(performance.now() - began).toBeLessThan(7500);
  });

  it('costs no SDK where traces are off', async () => {
    traced.scene.close();
    for (const app of ['api-users', 'gateway']) await traced.maru.processes.get(app)?.stop();
    const packages = (app: string): string => readFileSync(path.join(loaded, app), 'utf8');
    expect(packages('gateway')).toContain('@opentelemetry/sdk-trace');
    expect(packages('api-users')).toContain('@opentelemetry/api');
    expect(packages('api-users')).not.toMatch(/@opentelemetry\/(?!api\/)/);
  });
});

describe('the trace of a message that is routed', () => {
  let traced: Traced;
  beforeAll(async () => {
    traced = await Traced.start({ env: { DELIVERY: 'routed' } });
  }, 120_000);
  afterAll(() => traced.stop());

  it('leads through the router to the slot of each gateway', async () => {
    const { traceId, parentId, ...sent } = traceparent();
    await traced.post(sent);
    const send = 'router send gateway.deliveries';
    const delivered = ['  gateway deliver gateway.deliveries to 1', '    gateway write'];
    // Chance may give both gateways one slot, which gets a message once.
    const possible = [
      [send, ...delivered, send, ...delivered],
      [send, ...delivered, ...delivered],
    ].map((lines) => [
      'gateway POST',
      '  api-chat POST /api/rooms/:id/messages',
      '    api-chat send chat.commands',
      '      api-chat decide chat.commands',
      '        api-chat commit',
      '        api-chat send chat.events',
      '          router route chat.events',
      ...lines.map((line) => `            ${line}`),
    ]);
    const tree = () => treeOf(traced.collector.ofTrace(traceId), parentId).join('\n');
    await until(
      () => `a whole trace; it has:\n${tree()}`,
      () => possible.some((lines) => lines.join('\n') === tree()),
    );
  });
});
