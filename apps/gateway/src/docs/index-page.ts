/** Of the two documents, what the page shows. */
interface Rest {
  paths: Record<string, Record<string, { summary: string; security: unknown[] }>>;
}
interface Events {
  channels: Record<string, { address: string; description: string; messages: object }>;
}

const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);

/** The index page: every route and channel in a line, and the whole OpenAPI document below. It needs no script. */
export function indexPage(rest: Rest, events: Events): string {
  const rows = Object.entries(rest.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, { summary, security }]) =>
        `<tr><td>${method.toUpperCase()}</td><td><code>${escape(path)}</code></td><td>${escape(summary)}</td>` +
        `<td>${security.length > 0 ? 'token' : 'open'}</td></tr>`,
    ),
  );
  const channels = Object.values(events.channels).map(
    ({ address, description, messages }) =>
      `<tr><td><code>${escape(address)}</code></td><td>${escape(description)}</td>` +
      `<td>${Object.keys(messages).length}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Maru</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1c1c1c; }
  table { border-collapse: collapse; width: 100%; }
  th { text-align: left; }
  td, th { padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #ddd; vertical-align: top; }
  pre { background: #f6f6f6; padding: 1rem; overflow: auto; max-height: 40rem; }
</style>
<h1>Maru</h1>
<p>REST under <code>/api</code>: <a href="/docs/openapi.json">/docs/openapi.json</a> (OpenAPI 3.1). Live events over
Socket.IO, WebSocket, STOMP, MQTT and server-sent events, and on Kafka for other services:
<a href="/docs/asyncapi.json">/docs/asyncapi.json</a> (AsyncAPI 3.0).</p>
<h2>REST</h2>
<table>
${rows.join('\n')}
</table>
<h2>Channels</h2>
<table>
<tr><th>address</th><th>what goes there</th><th>messages</th></tr>
${channels.join('\n')}
</table>
<h2>openapi.json</h2>
<pre>${escape(JSON.stringify(rest, null, 2))}</pre>
</html>
`;
}
