import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { javaClassPath } from '../support/java-build';
import { until } from '../support/until';
import { DeviceClient } from './device-client';

type Word = 'connected' | 'acked' | 'dropped' | 'lost' | 'heard';

/** Paho's client for Java, in a JVM of its own; MQTT 3.1.1. */
export class PahoDevice extends DeviceClient {
  private java: ChildProcessWithoutNullStreams | undefined;
  private readonly told: Word[] = [];
  private said = '';

  async connect(gateway: number): Promise<void> {
    this.java ??= await this.start();
    await this.ask(
      { do: 'connect', url: (this.user.mqtt[gateway] ?? '').replace('mqtt:', 'tcp:') },
      'connected',
    );
  }

  drop(): Promise<void> {
    return this.ask({ do: 'drop' }, 'dropped');
  }

  say(text: string): Promise<void> {
    return this.ask({ do: 'send', text }, 'acked');
  }

  stop(): void {
    this.java?.kill('SIGKILL');
  }

  private async start(): Promise<ChildProcessWithoutNullStreams> {
    const args = ['-Dfile.encoding=UTF-8', '-Dstdout.encoding=UTF-8', '-cp', await javaClassPath()];
    const program = ['chat.maru.e2e.MqttProbe', randomUUID(), this.user.token, this.hears, this.says];
    const java = spawn('java', [...args, ...program]);
    java.stderr.on('data', (chunk: Buffer) => (this.said += chunk.toString()));
    createInterface({ input: java.stdout }).on('line', (line) => {
      const { what, body } = JSON.parse(line) as { what: Word; body: string };
      if (what === 'heard') this.take(body);
      else this.told.push(what);
    });
    return java;
  }

  private async ask(command: object, answer: Word): Promise<void> {
    this.java?.stdin.write(`${JSON.stringify(command)}\n`);
    await until(
      () => `Paho says ${answer}; it said ${this.told.join()} ${this.said.slice(-2000)}`,
      () => this.told.includes(answer),
      30_000,
    );
    this.told.splice(this.told.indexOf(answer), 1);
  }
}
