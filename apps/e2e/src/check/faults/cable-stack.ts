import path from 'node:path';
import {
  type Counts,
  freePort,
  freePorts,
  makeTempFolder,
  type PortPlan,
  readRunFile,
  removeFolder,
  startStack,
  type StackOptions,
} from '@maru/stack';
import { pause, until } from '../../support/until';
import type { CheckStack, Fault } from '../check-stack';
import { Cable } from './cable';
import { LastWill } from './last-will';
import { Line } from './line';
import { removal } from './weak-stack';

const root = path.resolve(__dirname, '../../../../..');
const counts: Counts = { gateways: 2, writers: 2, brokers: 3 };
/** Longer than a session, so that the group gives up who is cut off. */
const seconds = 12;

/** A process in a namespace, and what leads over its cable. */
interface Victim {
  name: string;
  port: number;
  cable: Cable;
  lines: Line[];
}

/** A Maru whose second gateway and second writer have a network of their own; undefined where one may not make any. */
export async function startCableStack(): Promise<{ stack: CheckStack; faults: Fault[] } | undefined> {
  const ports = await freePorts(counts);
  const victims: Victim[] = [];
  for (const [name, port = 0] of [
    ['gateway-2', ports.gateway[1]],
    ['api-chat-2', ports.chat[1]],
  ] as const) {
    const cable = Cable.lay();
    if (cable) victims.push({ name, port, cable, lines: [] });
  }
  if (victims.length === 0) return undefined;
  const home = makeTempFolder('maru-check-');
  const will = LastWill.leave(removal, home);
  const detours: NonNullable<StackOptions['detours']> = {};
  for (const victim of victims) detours[victim.name] = await leadOut(victim, ports);
  const env = { LOG_LEVEL: 'warn', CHECK_CABLES: placesOf(ports, victims) };
  const main = path.join(__dirname, 'namespace.main.ts');
  const apps = { 'api-chat': main, gateway: main };
  const [stack] = await Promise.all([
    startStack({ ...counts, home, ports, detours, env, apps }),
    leadIn(victims, home),
  ]);
  const stop = async (): Promise<void> => {
    await stack.stop();
    for (const { lines, cable } of victims) {
      await Promise.all(lines.map((line) => line.close()));
      cable.remove();
    }
    removeFolder(home);
    will.revoke();
  };
  const { urls, run, processes } = stack;
  const faults = victims.map(({ name, cable }) => pulled(name, cable));
  return {
    stack: { urls, brokers: run.brokers, read: () => stack.run, home, processes, stop, ours: true },
    faults,
  };
}

function pulled(name: string, cable: Cable): Fault {
  return {
    kind: `${name}'s cable pulled`,
    minSeconds: seconds,
    throw: async () => {
      cable.pull();
      try {
        await pause(seconds * 1000);
      } finally {
        cable.plug();
      }
    },
  };
}

/** From the namespace to brokers, store and services, all of which listen on 127.0.0.1 alone. */
async function leadOut({ cable, lines }: Victim, ports: PortPlan) {
  const { outside: host } = cable;
  const open = async (port: number, target = port) =>
    void lines.push(await Line.open(port, target, { host }));
  const listens = await Promise.all(ports.kafka.map(() => freePort()));
  for (const port of listens) await open(port);
  for (const port of [ports.postgres, ports.users, ports.auth, ...ports.chat]) await open(port);
  return {
    kafka: listens.map((port) => ({ listens: port, advertised: port, host })),
    postgres: ports.postgres,
  };
}

/** From 127.0.0.1, where clients and gateways expect the process, into its namespace; once its port is known to be free. */
async function leadIn(victims: readonly Victim[], home: string): Promise<void> {
  await until('the stack has begun', () => readRunFile(home), 60_000);
  for (const { port, cable, lines } of victims)
    lines.push(await Line.open(port, port, { targetHost: cable.inside }));
}

/** What stands for the apps reads here who they are, by their ports. */
function placesOf({ chat, gateway }: PortPlan, victims: readonly Victim[]): string {
  const place = (app: string) => (port: number) => {
    const main = path.join(root, 'dist/apps', app, 'main.js');
    const cable = victims.find((one) => one.port === port)?.cable;
    if (!cable) return [port, { main }];
    const { namespace, inside, outside } = cable;
    return [port, { main, cable: { namespace, inside, outside } }];
  };
  return JSON.stringify(
    Object.fromEntries([...chat.map(place('api-chat')), ...gateway.map(place('gateway'))]),
  );
}
