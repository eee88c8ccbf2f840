import { v5 } from 'uuid';

/** Documented in docs/integrate.md: other programs compute the same ids. Never changes. */
const users = '6f2d1c0a-8f0b-5e0e-9b53-3d6a2f1f7c11';
const sessions = '6f2d1c0a-8f0b-5e0e-9b53-3d6a2f1f7c12';

/** The issuer of users whom a team's back end makes by its server key. No token can name it. */
export const serverIssuer = 'maru:server';

/** The user of an issuer's subject: known without a look-up, and never another's. */
export const foreignUserId = (issuer: string, subject: string): string =>
  v5(JSON.stringify([issuer, subject]), users);

/** The session of a foreign token: of its `sid` or `jti`, else of its subject and when it was issued. */
export const foreignSessionId = (
  issuer: string,
  of: { sid: string } | { jti: string } | { sub: string; iat: number },
): string => v5(JSON.stringify([issuer, ...Object.entries(of).flat()]), sessions);
