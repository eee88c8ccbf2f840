import { upstreamsOf } from './upstreams';

const [USERS_URL, AUTH_URL, chat] = ['http://users', 'http://auth', 'http://chat'];
const upstreamOf = upstreamsOf({ USERS_URL, AUTH_URL, CHAT_URL: [chat] });
const at = (path: string): string | undefined => upstreamOf(path)?.order()[0];

describe('what a back end asks', () => {
  it.each([
    ['/api/server/users/customer-1', USERS_URL],
    ['/api/server/users/a%2Fb', USERS_URL],
    ['/api/server/users/tokens', USERS_URL],
    ['/api/server/users/1/tokens', AUTH_URL],
    ['/api/server/users/1/sessions/', AUTH_URL],
    ['/api/server/rooms', chat],
    ['/api/server/rooms/1/messages', chat],
  ])('%s goes to %s', (path, url) => expect(at(path)).toBe(url));

  it.each([
    '/api/server',
    '/api/server/',
    '/api/server/keys',
    '/api/server/usersx',
    '/api/server/users/../../internal/users',
    '/api/server/rooms/%2e%2e/x',
  ])('%s is nowhere', (path) => expect(at(path)).toBeUndefined());
});
