import type { Progress } from './replay';

const width = 30;

/** One line that fills as a step goes on; on no terminal, a line when a step begins and one when it ends. */
export class ProgressBar {
  constructor(private readonly out: NodeJS.WriteStream = process.stderr) {}

  show({ step, done, of }: Progress): void {
    const full = Math.round((width * done) / Math.max(of, 1));
    const bar = `${'█'.repeat(full)}${'░'.repeat(width - full)}`;
    const line = `${step.padEnd(8)} ${bar} ${done}/${of}`;
    if (this.out.isTTY) this.out.write(`\r${line}${done === of ? '\n' : ''}`);
    else if (done === of) this.out.write(`${line}\n`);
  }
}
