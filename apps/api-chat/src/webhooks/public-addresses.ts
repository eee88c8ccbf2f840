import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Whether the address is one of the open internet: no loopback, private, link-local or other special one. */
export function isPublicAddress(address: string): boolean {
  // An IPv4 address in IPv6 clothes is what it is.
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast';
}

export class InternalAddressError extends Error {
  override name = 'InternalAddressError';

  constructor(host: string) {
    super(`${host} is an internal address: nothing is sent there (WEBHOOK_ALLOW_PRIVATE)`);
  }
}

/** Resolves names for a connection, which is then made to one of these addresses: a name of an internal one is refused. */
export const lookupPublic: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, found) => {
    if (error) return callback(error, '');
    if (found.length === 0 || found.some(({ address }) => !isPublicAddress(address)))
      return callback(new InternalAddressError(host), '');
    if (options.all === true) return callback(null, found);
    const [{ address, family } = { address: '', family: 0 }] = found;
    callback(null, address, family);
  });
};
