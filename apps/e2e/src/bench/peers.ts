import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { createClient } from '@redis/client';
import { freePort, makeTempFolder, ManagedProcess, removeFolder, type RunFile } from '@maru/stack';

/** What Maru is held against: a server that members connect to. */
export interface Peer {
  url: string;
  /** Where those who send connect to. */
  senderUrl: string;
  roomId: string;
  /** The process that holds the members' connections. */
  pid: number;
  /** Where that one's inspector is. */
  inspector?: string | undefined;
  /** All that it consists of. */
  processes: RunFile['processes'];
  close: () => Promise<void>;
}

/** A bare Socket.IO server in a process of its own, with these settings beside ours. */
export async function barePeer(env: NodeJS.ProcessEnv = {}): Promise<Peer> {
  const roomId = randomUUID();
  const server = await startServer([roomId], env);
  const processes = [listed('socket.io', server.pid)];
  return { ...server, senderUrl: server.url, roomId, processes };
}

/**
 * Two Socket.IO servers that Redis streams join, as one runs them for more than one machine: senders are on the first,
 * members on the second, so that each message goes through Redis as Maru's goes through Kafka. Redis keeps it in
 * memory alone.
 */
export async function redisPeer(): Promise<Peer> {
  const [redis, roomId] = [await startRedis(), randomUUID()];
  const servers: Server[] = [];
  const close = async () => {
    await Promise.all(servers.map((server) => server.close()));
    await redis.close();
  };
  try {
    for (let count = 0; count < 2; count++) servers.push(await startServer([roomId, redis.url]));
  } catch (error) {
    await close();
    throw error;
  }
  const [first, second] = servers as [Server, Server];
  const processes = [
    listed('redis', redis.pid),
    listed('socket.io of senders', first.pid),
    listed('socket.io of members', second.pid),
  ];
  return { url: second.url, senderUrl: first.url, roomId, pid: second.pid, processes, close };
}

/** Why there can be no such peer on this machine, and what to do about it. */
export function redisMissing(): string | undefined {
  try {
    execFileSync('redis-server', ['--version']);
    return undefined;
  } catch {
    return 'Socket.IO + Redis left out, as there is no redis-server: apt-get install redis-server';
  }
}

interface Server {
  url: string;
  pid: number;
  inspector?: string | undefined;
  close: () => Promise<void>;
}

async function startServer(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Server> {
  const options = { env: { ...process.env, ...env } };
  const child: ChildProcess = fork(path.join(__dirname, 'bare.process.ts'), args, options);
  const [{ port, inspector }] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('a bare Socket.IO server ended at its start'))),
  ])) as [{ port: number; inspector?: string }];
  const close = async () => {
    const exited = once(child, 'exit');
    child.disconnect();
    await exited;
  };
  return { url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, inspector, close };
}

async function startRedis(): Promise<Server> {
  const [folder, port] = [makeTempFolder('maru-redis-'), await freePort()];
  const url = `redis://127.0.0.1:${port}`;
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const redis = new ManagedProcess({
    name: 'redis',
    spec: () => ({
      command: 'redis-server',
      args,
      env: process.env,
      logFile: path.join(folder, 'redis.log'),
    }),
    isReady: () => answers(url),
    readyWithinMs: 10_000,
    stopSignal: 'SIGTERM',
    stopWithinMs: 3_000,
  });
  const close = async () => {
    await redis.stop();
    removeFolder(folder);
  };
  try {
    await redis.start();
  } catch (error) {
    await close();
    throw error;
  }
  return { url, pid: redis.pid ?? 0, close };
}

async function answers(url: string): Promise<boolean> {
  const client = createClient({ url, socket: { reconnectStrategy: false } });
  client.on('error', () => undefined);
  await client.connect();
  await client.close();
  return true;
}

const listed = (name: string, pid: number) => ({ name, pid, identity: '' });
