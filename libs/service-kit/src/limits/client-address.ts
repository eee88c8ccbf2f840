import { createHmac, timingSafeEqual } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';

/** How the public door tells the services who asks: the address, signed so that nobody else can say it. */
export const clientAddressHeader = 'x-maru-client-address';

const signatureOf = (address: string, secret: string): string =>
  createHmac('sha256', secret).update(`${clientAddressHeader} ${address}`).digest('base64url');

/** The header's value. */
export const signedAddress = (address: string, secret: string): string =>
  `${address} ${signatureOf(address, secret)}`;

/** The address in the header, when who wrote it knows the secret. */
export function readSignedAddress(value: unknown, secret: string): string | undefined {
  const [address = '', shown = ''] = typeof value === 'string' ? value.split(' ') : [];
  const [given, right] = [Buffer.from(shown), Buffer.from(signatureOf(address, secret))];
  return given.length === right.length && timingSafeEqual(given, right) ? address : undefined;
}

/**
 * Who counts as one in a limit by address: an IPv4 address, or the /64 network of an IPv6 one, as whoever has one
 * address of it has them all.
 */
export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const [left, right] = [groups(head), groups(tail ?? '')];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const all = [...left, ...Array<string>(zeros).fill('0'), ...right];
  return `${all
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

type Told = Request & { clientAddress?: string };

/** Express middleware: learns the client's address, from the public door if it was that, else from the connection. */
export function learnClientAddress(secret: string) {
  return (request: Told, _response: Response, next: NextFunction): void => {
    const told = readSignedAddress(request.headers[clientAddressHeader], secret);
    request.clientAddress = told ?? request.socket.remoteAddress ?? '';
    next();
  };
}

/** The key of whoever asks in a limit by address. */
export const ClientAddress = createParamDecorator((_: unknown, context: ExecutionContext) =>
  addressKey(context.switchToHttp().getRequest<Told>().clientAddress ?? ''),
);
