/**
 * A program that keeps an app's side of the bargain and nothing more, so that the stack can be tested by
 * itself: ready after a moment, `/env` tells what it was given, SIGTERM ends it and is written down.
 */
const { appendFileSync } = require('node:fs');
const { createServer } = require('node:http');
const path = require('node:path');

const { PORT, STAND_IN_LOG, STAND_IN_FAILS } = process.env;
const app = path.basename(process.argv[1], '.js');
const note = (what) => appendFileSync(STAND_IN_LOG, `${app} ${what}\n`);

if (STAND_IN_FAILS === app) {
  console.error('KAFKA_BROKERS: there is nothing there');
  process.exit(1);
}
const readyAt = Date.now() + 300;
createServer((request, response) => {
  response.statusCode = request.url === '/health/ready' && Date.now() < readyAt ? 503 : 200;
  response.end(request.url === '/env' ? JSON.stringify(process.env) : '{}');
}).listen(Number(PORT), '127.0.0.1');
process.on('SIGTERM', () => {
  note('stops');
  process.exit(0);
});

async function main() {
  const { USERS_URL, AUTH_URL, CHAT_URL } = process.env;
  const urls = app === 'gateway' ? [USERS_URL, AUTH_URL, ...CHAT_URL.split(',')] : [];
  const answers = await Promise.all(urls.map((url) => fetch(`${url}/health/ready`)));
  note(`starts ${answers.map((answer) => answer.status).join(' ')}`.trim());
}
void main();
