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

/** So much more resident memory, its garbage collected, may an app have afterwards. */
const mostMbUp = 64;
const slowestAckMs = 5_000;

/** What the attack has done that it must not, a line each. */
export function harm({ crashed, hangs, memory, bystanders }: FuzzReport): string[] {
  const { notAcked, slowestMs, endings, findings } = bystanders;
  return [
    ...crashed.map((name) => `${name} crashed`),
    ...hangs.map((what) => `hung: ${what}`),
    ...memory.flatMap(({ name, beforeMb, afterMb }) => {
      const grown = afterMb - beforeMb;
      return grown > mostMbUp ? [`${name} keeps ${grown.toFixed(0)} MB, more than ${mostMbUp}`] : [];
    }),
    ...notAcked.map((id) => `a bystander's message was not acked: ${id}`),
    ...(slowestMs < slowestAckMs ? [] : [`a bystander's ack took ${slowestMs.toFixed(0)} ms`]),
    ...endings.map((code) => `a bystander's connection ended: ${code}`),
    ...findings.map(({ kind, text }) => `a promise to a bystander was broken: ${kind}, ${text}`),
  ];
}
