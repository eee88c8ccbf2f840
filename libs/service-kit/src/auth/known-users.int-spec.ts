import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ForeignUser } from '@maru/contracts';
import { InternalClient } from '../internal/internal-client';
import { KnownUsers } from './known-users';

const user = (more: Partial<ForeignUser> = {}): ForeignUser => ({
  id: 'e53f4a38-3c7f-4f4c-9d43-0b5f2f7a1a01',
  ...{ issuer: 'https://id.example.com', externalId: 'ann', name: 'Ann', picture: null, claimedAt: 1000 },
  ...more,
});

describe('users of other issuers', () => {
  let server: Server;
  let known: KnownUsers;
  let names: (string | null)[];
  let away = false;
  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => {
        names.push((JSON.parse(body) as ForeignUser).name);
        response.writeHead(away ? 503 : 200).end(away ? '{"code":"unavailable"}' : '{}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  beforeEach(() => {
    names = [];
    away = false;
    known = new KnownUsers(
      new InternalClient([`http://127.0.0.1:${(server.address() as AddressInfo).port}`], 'secret'),
    );
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const later = (ms: number) => {
    const now = Date.now() + ms;
    jest.spyOn(Date, 'now').mockReturnValue(now);
  };

  it('are told again when a newer token claims another name, at most once a minute', async () => {
    await known.mustBe(user());
    await known.mustBe(user({ name: 'Anna', claimedAt: 1001 }));
    expect(names).toEqual(['Ann']);
    later(61_000);
    await known.mustBe(user({ name: 'Old', claimedAt: 999 }));
    await known.mustBe(user({ name: 'Anna', claimedAt: 1001 }));
    await known.mustBe(user({ name: 'Annabel', claimedAt: 1002 }));
    expect(names).toEqual(['Ann', 'Anna']);
  });

  it('go on with the name they had while api-users is away', async () => {
    await known.mustBe(user());
    later(61_000);
    away = true;
    await known.mustBe(user({ name: 'Anna', claimedAt: 1001 }));
    expect(names).toEqual(['Ann', 'Anna']);
    later(61_000);
    away = false;
    await known.mustBe(user({ name: 'Anna', claimedAt: 1001 }));
    expect(names).toEqual(['Ann', 'Anna', 'Anna']);
  });

  it('are told again once they are forgotten', async () => {
    await known.mustBe(user());
    known.forget(user().id);
    await known.mustBe(user());
    expect(names).toEqual(['Ann', 'Ann']);
  });
});
