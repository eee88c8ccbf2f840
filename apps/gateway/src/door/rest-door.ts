import { Agent, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { CodedError } from '@maru/contracts';
import { addressKey, type Addresses, internalSecretHeader, type RateLimits } from '@maru/service-kit';
import type { NextFunction, Request, Response } from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';
import type { GatewayEnv } from '../gateway.config';
import { wholeBody } from './body';
import { ClientAddresses } from './client-addresses';
import { upstreamsOf } from './upstreams';

type DoorEnv = Pick<
  GatewayEnv,
  | 'USERS_URL'
  | 'AUTH_URL'
  | 'CHAT_URL'
  | 'REQUEST_TIMEOUT_MS'
  | 'TRUSTED_PROXIES'
  | 'ADDRESS_REQUESTS_PER_MINUTE'
  | 'INTERNAL_SECRET'
>;
type Proxied = Request & { attempt?: { url: string; body: Buffer; failed: (error: unknown) => void } };

/** What the gateway answers itself; streams count their own arrivals. */
const streams = /^\/api\/stream(\/|$)/;
const commands = /^\/api\/commands\/?$/;

/** Errors of a request that has not left: nothing was done. */
const notSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
const changing = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * The public HTTP door: `/api/**` goes to the service that answers for it, its body as it came. Nothing else of
 * the services can be reached. A service that is away is told as `unavailable`; one that broke off after it had
 * the request, as `outcome_unknown`; an address that asks too often, as `rate_limited`.
 */
export function restDoor(env: DoorEnv, limits: RateLimits) {
  const upstreamOf = upstreamsOf(env);
  const addresses = new ClientAddresses(env.TRUSTED_PROXIES);
  const limit = limits.limit('address_requests', env.ADDRESS_REQUESTS_PER_MINUTE, 60);
  const attempt = attemptsOf(env);
  return (request: Proxied, response: Response, next: NextFunction): void => {
    if (!request.path.startsWith('/api/') || streams.test(request.path)) return next();
    const own = commands.test(request.path);
    const upstream = upstreamOf(request.path);
    if (!own && upstream === undefined) return next(new CodedError('not_found'));
    delete request.headers[internalSecretHeader];
    const address = addresses.settle(request, env.INTERNAL_SECRET);
    limit
      .take(addressKey(address))
      .then(() => (upstream ? inTurn(request, response, upstream, attempt) : next()))
      .catch(next);
  };
}

type Attempt = (request: Proxied, response: Response, url: string, body: Buffer) => Promise<unknown>;

/** Tries the service's addresses until one takes the request. */
async function inTurn(
  request: Proxied,
  response: Response,
  upstream: Addresses,
  attempt: Attempt,
): Promise<void> {
  const body = await wholeBody(request);
  for (const url of upstream.order()) {
    const error = await attempt(request, response, url, body);
    if (error === undefined) return;
    upstream.down(url);
    if (!notSent.has((error as NodeJS.ErrnoException).code ?? '')) {
      throw new CodedError(changing.has(request.method) ? 'outcome_unknown' : 'unavailable');
    }
  }
  throw new CodedError('unavailable');
}

/** Headers of one connection alone (RFC 9110, 7.6.1), besides those that `connection` names. */
const hopByHop = ['connection', 'keep-alive', 'proxy-connection', 'te', 'transfer-encoding', 'upgrade'];

/** What the service says of its connection to us says nothing of ours to the client, which ends when we do. */
function keepToHop({ headers }: IncomingMessage, response: Response): void {
  const named = headers.connection?.split(',').map((name) => name.trim().toLowerCase()) ?? [];
  for (const name of [...hopByHop, ...named]) delete headers[name];
  if (response.getHeader('connection') === 'close') headers.connection = 'close';
}

/** One try at one address: resolves with the error, or with nothing once the answer is out. */
function attemptsOf(env: DoorEnv): Attempt {
  const pass = createProxyMiddleware<Proxied, Response>({
    router: (request, _response, options) => {
      options.buffer = Readable.from([request.attempt?.body ?? Buffer.alloc(0)]);
      return request.attempt?.url ?? '';
    },
    agent: new Agent({ keepAlive: true }),
    xfwd: true,
    // Later than the service's own answer that the outcome is unknown.
    proxyTimeout: env.REQUEST_TIMEOUT_MS + 5000,
    // An error that is heard here comes no other way.
    ejectPlugins: true,
    plugins: [
      (server) => void server.on('error', (error, request) => request?.attempt?.failed(error)),
      (server) => void server.on('proxyRes', (answer, _request, response) => keepToHop(answer, response)),
    ],
  });
  return (request, response, url, body) =>
    new Promise((resolve, reject) => {
      request.attempt = { url, body, failed: resolve };
      response.once('close', () => resolve(undefined));
      pass(request, response, resolve).catch(reject);
    });
}
