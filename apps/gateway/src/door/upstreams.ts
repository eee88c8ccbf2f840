import { Addresses, type ServiceEnv } from '@maru/service-kit';

/** What a team's back end asks: of a user's sessions and tokens, of users, of rooms. */
const server = /^\/api\/server\/(users|rooms)(?:\/([^/]+)\/(sessions|tokens)\/?$|\/|$)/;

/** Which service answers for a path of the public door; `undefined`: there is nothing at this address. */
export function upstreamsOf(
  env: Pick<ServiceEnv, 'USERS_URL' | 'AUTH_URL' | 'CHAT_URL'>,
): (path: string) => Addresses | undefined {
  const chat = new Addresses(env.CHAT_URL);
  const users = new Addresses([env.USERS_URL]);
  const auth = new Addresses([env.AUTH_URL]);
  const byPrefix = new Map([
    ['users', users],
    ['auth', auth],
    ['rooms', chat],
    ['direct', chat],
    ['mailbox', chat],
    ['notifications', chat],
  ]);
  return (path) => {
    // A path with dots could mean another one to who resolves it.
    if (/(^|\/|\\)(\.|%2e){1,2}(\/|\\|$)/i.test(path)) return undefined;
    const [, ofServer, id, part] = server.exec(path) ?? [];
    if (ofServer === 'rooms') return chat;
    if (ofServer === 'users') return id !== undefined && part !== undefined ? auth : users;
    const match = /^\/api\/([a-z]+)(\/|$)/.exec(path);
    return byPrefix.get(match?.[1] ?? '');
  };
}
