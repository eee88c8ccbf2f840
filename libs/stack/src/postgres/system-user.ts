import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';

export interface SystemUser {
  uid: number;
  gid: number;
}

const name = 'maru-postgres';

/** PostgreSQL refuses to run as root: root gets it a system user of its own, everybody else is undefined. */
export function postgresUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  return find() ?? create();
}

function find(): SystemUser | undefined {
  try {
    const id = (flag: string) =>
      Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

function create(): SystemUser {
  let reason = '';
  try {
    execFileSync(
      'useradd',
      ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', name],
      {
        stdio: 'pipe',
      },
    );
  } catch (error) {
    reason = (error as Error).message;
  }
  // Looked up even after an error: another start may have made it at the same moment.
  const user = find();
  if (!user)
    throw new Error(
      `The system user ${name} could not be made (${reason}); start as an ordinary user instead.`,
    );
  return user;
}

/** Whether the user may pass through every folder from the root down to `folder`, which need not exist yet. */
export function canReach(user: SystemUser, folder: string): boolean {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    const stat = statSync(at, { throwIfNoEntry: false });
    if (stat) {
      const bit = stat.uid === user.uid ? 0o100 : stat.gid === user.gid ? 0o010 : 0o001;
      if ((stat.mode & bit) === 0) return false;
    }
    if (at === path.dirname(at)) return true;
  }
}
