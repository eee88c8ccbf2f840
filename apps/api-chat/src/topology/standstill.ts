import { setTimeout as delay } from 'node:timers/promises';
import { kafkaAccess } from '@maru/contracts';
import { ConfigError } from '@maru/service-kit';
import type { CopyParts } from './room-copies';

/** Who reads or writes what lies by rooms. */
const apps = ['api-chat', 'gateway', 'router'] as const;
/**
 * Waits until no api-chat, gateway or router is a member of its groups, and no api-chat at the store: for longer than Kafka takes
 * a process that was killed for one that lives. @throws ConfigError with what they are still in
 */
export async function mustStandStill(
  { admin, repository, say }: Pick<CopyParts, 'admin' | 'repository' | 'say'>,
  waitMs = 30_000,
): Promise<void> {
  const deadline = Date.now() + waitMs;
  for (let told = false; ; told = true) {
    const [groups, connections] = await Promise.all([admin.groupsInUse(), repository.connections()]);
    // One that runs with another cluster is in no group here.
    const running = [...groups.filter(isOurs).sort(), ...(connections > 0 ? ["api-chat's database"] : [])];
    if (running.length === 0) return;
    const names = running.join(', ');
    if (Date.now() > deadline)
      throw new ConfigError(
        `api-chat, gateways and routers must be stopped, but some are still in: ${names}. ` +
          'Stop those processes and run this again.',
      );
    if (!told) say(`Waiting until nobody is in ${names}.`);
    await delay(500);
  }
}

function isOurs(group: string): boolean {
  return apps.some((app) => {
    const access = kafkaAccess[app];
    const groups: readonly string[] = access.groups;
    return groups.includes(group) || access.ownGroups.some((prefix) => group.startsWith(prefix));
  });
}
