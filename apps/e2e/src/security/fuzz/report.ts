import type { FuzzReport } from './fuzz';

/** A few lines for people. */
export function printed({
  frames,
  connections,
  records,
  refused,
  hangs,
  crashed,
  memory,
  bystanders,
}: FuzzReport): string {
  const { sent, notAcked, slowestMs, endings, findings } = bystanders;
  const grown = memory.map(
    ({ name, beforeMb, afterMb, peakMb }) =>
      `${name} ${beforeMb.toFixed(0)} → ${afterMb.toFixed(0)} MB (at most ${peakMb.toFixed(0)})`,
  );
  return [
    `${frames} bad frames over ${connections} connections, ${records} bad records (${refused} more the broker refused)`,
    `crashed: ${crashed.join() || 'none'}; hung: ${hangs.join() || 'none'}`,
    `resident memory, garbage collected: ${grown.join(', ')}`,
    `bystanders: ${sent} messages, ${notAcked.length} not acked, the slowest took ${slowestMs.toFixed(0)} ms; ` +
      `connections that ended: ${endings.join() || 'none'}; findings: ${findings.length}`,
  ].join('\n');
}
