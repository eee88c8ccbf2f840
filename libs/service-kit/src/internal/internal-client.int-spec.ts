import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InternalClient } from './internal-client';

const servers: Server[] = [];

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answer =
  (status: number, body: string): RequestListener =>
  (_, response) =>
    response.writeHead(status).end(body);
const away = 'http://127.0.0.1:1';
const secret = 'the secret of the services';

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

describe('a call of another service', () => {
  it('shows the secret, sends JSON and gives the answer', async () => {
    const url = await serve((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () =>
        response.end(
          JSON.stringify({ secret: request.headers['x-maru-internal'], method: request.method, body }),
        ),
      );
    });
    expect(await new InternalClient([url], secret).call('PUT', '/x', { a: 1 })).toEqual({
      secret,
      method: 'PUT',
      body: '{"a":1}',
    });
  });

  it('fails as the other service says', async () => {
    const url = await serve(answer(409, '{"code":"email_taken","message":"There is one."}'));
    const call = new InternalClient([url], secret).call('GET', '/');
    await expect(call).rejects.toMatchObject({ code: 'email_taken', message: 'There is one.' });
  });

  it('passes over an address where nobody is', async () => {
    const url = await serve(answer(200, '{"here":true}'));
    const client = new InternalClient([away, url], secret);
    for (let n = 0; n < 4; n++) expect(await client.call('GET', '/')).toEqual({ here: true });
  });

  it('is unavailable when nobody answers, in time or in JSON', async () => {
    const mute = await serve(() => undefined);
    const proxy = await serve(answer(502, '<html>Bad Gateway</html>'));
    const cut = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"half":');
      setTimeout(() => response.destroy(), 20);
    });
    for (const url of [away, mute, proxy, cut]) {
      const call = new InternalClient([url], secret, 200).call('GET', '/');
      await expect(call).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    }
  });

  it('has no body to give for 204', async () => {
    const url = await serve(answer(204, ''));
    expect(await new InternalClient([url], secret).call('DELETE', '/')).toBeUndefined();
  });
});
