import { parseArgs } from 'node:util';
import { type ServerScope, serverScope, serverScopes } from '@maru/contracts';
import { openDatabase } from '@maru/postgres';
import { makeServerKey } from './server-key';
import { type ServerKeyRow, ServerKeysRepository } from './server-keys.repository';

export const usage = `Usage: server-keys create --name <name> --scopes <scope>[,<scope>…]
       server-keys list
       server-keys rotate <id> [--overlap-hours 24]
       server-keys revoke <id>
Keys by which a back end asks below /api/server. Scopes: ${serverScopes.join(', ')}.
A key is shown once, when it is made. rotate makes another in its place, and the old one is good for the overlap.
What is revoked or run out is refused everywhere within 30 s.`;

/** For people: makes, lists, exchanges and revokes server keys. Resolves with what to print. */
export async function serverKeysCommand(databaseUrl: string, args: string[]): Promise<string> {
  const options = {
    name: { type: 'string' },
    scopes: { type: 'string' },
    'overlap-hours': { type: 'string', default: '24' },
  } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [action, id = ''] = positionals;
  const store = openDatabase<never>({
    ...{ url: databaseUrl, poolSize: 2, statementTimeoutMs: 10_000 },
    applicationName: 'api-auth.server-keys',
  });
  const keys = new ServerKeysRepository(store);
  try {
    if (action === 'create') return await create(keys, values.name, values.scopes);
    if (action === 'list') return (await keys.list()).map(line).join('\n') || 'There are no server keys.';
    if (action === 'rotate') return await rotate(keys, id, Number(values['overlap-hours']));
    if (action === 'revoke') return await revoke(keys, id);
    throw new Error(usage);
  } finally {
    await store.destroy();
  }
}

async function create(keys: ServerKeysRepository, name = '', given = ''): Promise<string> {
  const scopes = given.split(',').map((scope) => scope.trim());
  const wrong = scopes.filter((scope) => !serverScope.safeParse(scope).success);
  if (name.trim() === '' || wrong.length > 0)
    throw new Error(`${usage}\n\nNo such scope: ${wrong.join(', ')}`);
  const { key, ...made } = makeServerKey();
  await keys.add({ ...made, name: name.trim(), scopes: [...new Set(scopes)] as ServerScope[] });
  return key;
}

async function rotate(keys: ServerKeysRepository, old: string, hours: number): Promise<string> {
  if (!(hours >= 0 && hours <= 24 * 365)) throw new Error('--overlap-hours: from 0 to 8760');
  const { key, ...made } = makeServerKey();
  if ((await keys.replace(old, made, hours)) === undefined) throw noSuchKey(old);
  return key;
}

async function revoke(keys: ServerKeysRepository, id: string): Promise<string> {
  if (!(await keys.revoke(id))) throw noSuchKey(id);
  return `${id} is revoked: it is refused everywhere within 30 s.`;
}

const noSuchKey = (id: string) => new Error(`There is no server key ${id} that is good; "list" shows them.`);

/** Never the key: it is not kept. */
function line({ id, name, scopes, createdAt, expiresAt, revokedAt }: ServerKeyRow): string {
  const state =
    revokedAt !== null
      ? `revoked ${revokedAt.toISOString()}`
      : expiresAt !== null
        ? `${expiresAt.getTime() > Date.now() ? 'good until' : 'ran out'} ${expiresAt.toISOString()}`
        : 'good';
  return `${id}  ${name}  ${scopes.join(',')}  made ${createdAt.toISOString()}  ${state}`;
}
