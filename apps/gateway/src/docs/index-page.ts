import type { OpenApi } from './openapi';

const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);

/** The index page: every route in a line, and the whole OpenAPI document below. It needs no script. */
export function indexPage(document: OpenApi): string {
  const rows = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, { summary, security }]) =>
        `<tr><td>${method.toUpperCase()}</td><td><code>${escape(path)}</code></td><td>${escape(summary)}</td>` +
        `<td>${(security as unknown[]).length > 0 ? 'token' : 'open'}</td></tr>`,
    ),
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Maru: REST</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1c1c1c; }
  table { border-collapse: collapse; width: 100%; }
  td { padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #ddd; vertical-align: top; }
  pre { background: #f6f6f6; padding: 1rem; overflow: auto; max-height: 40rem; }
</style>
<h1>Maru</h1>
<p>REST under <code>/api</code>, live events over Socket.IO on this port. The whole description:
<a href="/docs/openapi.json">/docs/openapi.json</a> (OpenAPI 3.1).</p>
<table>
${rows.join('\n')}
</table>
<h2>openapi.json</h2>
<pre>${escape(JSON.stringify(document, null, 2))}</pre>
</html>
`;
}
