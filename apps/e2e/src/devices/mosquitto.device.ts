import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { until } from '../support/until';
import { DeviceClient } from './device-client';

/** Whether they are installed here; says how to install them when they are not. */
export function hasMosquitto(): boolean {
  if (spawnSync('mosquitto_sub', ['--help']).error === undefined) return true;
  process.stdout.write(
    'skipped: mosquitto_pub and mosquitto_sub; "apt-get install mosquitto-clients" installs them\n',
  );
  return false;
}

/** mosquitto_sub with a session that it comes back to, and mosquitto_pub beside it; MQTT 3.1.1. */
export class MosquittoDevice extends DeviceClient {
  private readonly clientId = randomUUID();
  private gateway = 0;
  private sub: ChildProcess | undefined;
  private said = '';

  async connect(gateway: number): Promise<void> {
    this.gateway = gateway;
    const args = [...this.place, '-i', this.clientId, '-c', '-q', '1', '-t', this.hears, '-d'];
    // Else it keeps what it says to itself until that is a lot.
    const sub = spawn('stdbuf', ['-oL', 'mosquitto_sub', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.sub = sub;
    this.said = '';
    const line = (text: string): void => {
      this.said += `${text}\n`;
      if (text.startsWith('{')) this.take(text);
    };
    for (const stream of [sub.stdout, sub.stderr]) createInterface({ input: stream }).on('line', line);
    await until(
      () => `mosquitto_sub has subscribed; it said ${this.said}`,
      () => /received SUBACK/.test(this.said),
    );
  }

  async drop(): Promise<void> {
    const { sub } = this;
    if (sub === undefined) return;
    const exited = once(sub, 'exit');
    sub.kill('SIGKILL');
    await exited;
  }

  async say(text: string): Promise<void> {
    await promisify(execFile)('mosquitto_pub', [...this.place, '-q', '1', '-t', this.says, '-m', text]);
  }

  stop(): void {
    this.sub?.kill('SIGKILL');
  }

  private get place(): string[] {
    const { hostname, port } = new URL(this.user.mqtt[this.gateway] ?? '');
    return ['-h', hostname, '-p', port, '-u', 'mosquitto', '-P', this.user.token];
  }
}
