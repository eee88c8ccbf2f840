import { existsSync } from 'node:fs';
import path from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Response } from 'express';

/** Where the build puts the page, beside the gateway's own folder. */
const beside = path.join(__dirname, '../web');

/**
 * What the page may do: talk to where it comes from (`'self'` is its sockets as well), and nothing else. No script or
 * style but its own files, and no text that a script would make HTML of.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const namedByContent = /\.[0-9a-f]{12}\.\w+$/;

/** The chat page at `/`. Scripts and styles are named by what is in them, so they may be kept; the page itself is not. */
export function serveWebPage(app: NestExpressApplication, folder = beside): void {
  if (!existsSync(path.join(folder, 'index.html'))) return;
  app.useStaticAssets(folder, {
    setHeaders(response: Response, file: string) {
      const kept = namedByContent.test(file);
      response.setHeader('cache-control', kept ? 'public, max-age=31536000, immutable' : 'no-cache');
      response.setHeader('content-security-policy', policy);
    },
  });
}
