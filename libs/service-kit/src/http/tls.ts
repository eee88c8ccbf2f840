import { readFileSync, type StatsListener, unwatchFile, watchFile } from 'node:fs';
import { createSecureContext, type Server } from 'node:tls';
import { z } from 'zod';
import { ConfigError, type EnvShape } from '../config/environment';
import type { Logger } from '../logging/logger';

/** Settings of an app that clients reach without a proxy in front. */
export const tlsEnv = {
  TLS_CERT_FILE: z
    .string()
    .default('')
    .describe(
      'file (PEM) with the certificate of the public address and its chain: with TLS_KEY_FILE the port speaks https and wss alone; read again when it changes',
    ),
  TLS_KEY_FILE: z.string().default('').describe('file (PEM) with the key of TLS_CERT_FILE'),
} satisfies EnvShape;

/** Where a certificate and its key are. */
export interface TlsFiles {
  cert: string;
  key: string;
}

/** @throws ConfigError when only one of the two is set. */
export function tlsFiles(env: z.infer<z.ZodObject<typeof tlsEnv>>): TlsFiles | undefined {
  const { TLS_CERT_FILE: cert, TLS_KEY_FILE: key } = env;
  if (cert === '' && key === '') return undefined;
  if (cert !== '' && key !== '') return { cert, key };
  throw new ConfigError('TLS_CERT_FILE and TLS_KEY_FILE belong together: set both, or neither.');
}

/** @throws ConfigError when a file cannot be read, or the two do not belong together. */
export function readTls(files: TlsFiles): { cert: Buffer; key: Buffer } {
  try {
    const pair = { cert: readFileSync(files.cert), key: readFileSync(files.key) };
    createSecureContext(pair);
    return pair;
  } catch (error) {
    throw new ConfigError(
      `TLS_CERT_FILE (${files.cert}) and TLS_KEY_FILE (${files.key}) must be PEM files of a certificate and its key: ${(error as Error).message}`,
    );
  }
}

/** How often the files are looked at. */
const lookMs = 2000;

/**
 * Takes a renewed certificate for the connections that come from then on; those that are open stay as they are.
 * While the two files do not belong together, as in the middle of a renewal, the old pair stays.
 */
export function renewTls(server: Server, files: TlsFiles, logger: Logger): void {
  const names = [files.cert, files.key];
  const renew: StatsListener = () => {
    try {
      server.setSecureContext(readTls(files));
      logger.info({ event: 'tls_renewed' }, 'the certificate was read again');
    } catch (error) {
      logger.warn({ event: 'tls_not_renewed', err: error }, 'the certificate stays as it was');
    }
  };
  for (const name of names) watchFile(name, { interval: lookMs, persistent: false }, renew);
  server.once('close', () => names.forEach((name) => unwatchFile(name, renew)));
}
