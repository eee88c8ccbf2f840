import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { clientAddressHeader, signedAddress } from '@maru/service-kit';
import proxyaddr from 'proxy-addr';
import { z } from 'zod';

/** The setting: whose forwarded headers are believed. */
export const trustedProxiesSetting = z
  .string()
  .transform((list) =>
    list
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean),
  )
  .refine(compiles, 'addresses, networks (10.0.0.0/8) and the names loopback, linklocal, uniquelocal');

function compiles(trusted: string[]): boolean {
  try {
    proxyaddr.compile(trusted);
    return true;
  } catch {
    return false;
  }
}

/** What a connection says of who is at its other end. */
interface Peer {
  headers: IncomingHttpHeaders;
  remoteAddress: string | undefined;
}

const forwarded = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-real-ip',
];

/** Finds out who asks: forwarded headers are believed from the trusted addresses and from nobody else. */
export class ClientAddresses {
  private readonly trusts: (address: string, distance: number) => boolean;

  /** `trusted`: addresses, networks and the names loopback, linklocal, uniquelocal. */
  constructor(trusted: string[]) {
    this.trusts = proxyaddr.compile(trusted);
  }

  of({ headers, remoteAddress = '' }: Peer): string {
    const socket = { remoteAddress };
    return proxyaddr({ headers, socket, connection: socket } as IncomingMessage, this.trusts);
  }

  /** Makes a request that is handed on say who asks, and nothing of it that its sender made up. */
  settle(request: IncomingMessage, secret: string): string {
    const { headers, socket } = request;
    const address = this.of({ headers, remoteAddress: socket.remoteAddress });
    if (!this.trusts(socket.remoteAddress ?? '', 0)) for (const name of forwarded) delete headers[name];
    headers[clientAddressHeader] = signedAddress(address, secret);
    return address;
  }
}
