import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** `MARU_IRC_DIR`, else the folder beside the checkout. */
export const logsFolder =
  process.env.MARU_IRC_DIR ?? path.resolve(__dirname, '../../../../../shared/data/irc');

/** The IRC logs to replay; none when there is no such folder. */
export function ircLogs(): { name: string; read: () => string }[] {
  if (!existsSync(logsFolder)) return [];
  return readdirSync(logsFolder)
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .map((name) => ({ name, read: () => readFileSync(path.join(logsFolder, name), 'utf8') }));
}
