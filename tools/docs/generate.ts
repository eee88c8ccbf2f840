import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { accessTable } from './access';
import { asyncApi } from './asyncapi/asyncapi';
import { allEvents, judge } from './golden/golden';
import { bodyOf, fileOf, readSamples } from './golden/golden-file';
import { metricsTable } from './metrics';
import { readExamples } from './openapi/examples';
import { openApi } from './openapi/openapi';
import { protocolBlocks } from './protocol';
import { envExample, settingsBlocks } from './settings';

/**
 * Fills what lies between `<!-- made: name -->` and `<!-- end -->` in the documents, and writes `.env.example`,
 * OpenAPI and AsyncAPI, all from the code, and a golden sample for each new version of an event. With `--check`
 * nothing is written: it names what is stale and ends with code 1, as it does for an event that breaks its consumers.
 */
const root = path.resolve(__dirname, '../..');
const golden = 'libs/contracts/golden';
const codeOf = (file: string): string => `\`\`\`ts\n${readFileSync(path.join(root, file), 'utf8')}\`\`\``;
const pages: Record<string, Record<string, () => string>> = {
  'docs/consume-events.md': { 'messages per minute': () => codeOf('docs/examples/messages-per-minute.ts') },
  'docs/configuration.md': settingsBlocks,
  'docs/protocol.md': protocolBlocks,
  'docs/operate.md': { metrics: metricsTable, 'access on Kafka': accessTable },
};

function filled(page: string, blocks: Record<string, () => string>): string {
  let text = readFileSync(path.join(root, page), 'utf8');
  for (const [name, make] of Object.entries(blocks)) {
    const begin = `<!-- made: ${name} -->`;
    const at = text.indexOf(begin);
    const end = text.indexOf('<!-- end -->', at);
    if (at === -1 || end === -1) throw new Error(`${page} has no block "${begin} … <!-- end -->"`);
    text = `${text.slice(0, at)}${begin}\n\n${make()}\n\n${text.slice(end)}`;
  }
  return text;
}

/** Golden samples that are not there yet: what has been written is never written again. */
function judgedEvents() {
  const samples = readSamples(path.join(root, golden));
  const { problems, missing } = judge(allEvents(), samples);
  return { problems, missing, samples: [...samples, ...missing] };
}

async function made(): Promise<Map<string, string>> {
  const { missing, samples } = judgedEvents();
  const results = new Map([['.env.example', envExample()]]);
  for (const sample of missing) {
    results.set(path.join(golden, fileOf(sample)), await json(bodyOf(sample)));
  }
  results.set('docs/openapi.json', await json(openApi(readExamples())));
  results.set('docs/asyncapi.json', await json(asyncApi(samples)));
  for (const [page, blocks] of Object.entries(pages)) {
    const options = await resolveConfig(path.join(root, page));
    results.set(page, await format(filled(page, blocks), { ...options, parser: 'markdown' }));
  }
  return results;
}

async function json(value: unknown): Promise<string> {
  const options = await resolveConfig(path.join(root, 'docs/openapi.json'));
  return format(JSON.stringify(value, null, 2), { ...options, parser: 'json' });
}

async function main(check: boolean): Promise<void> {
  for (const problem of judgedEvents().problems) {
    process.exitCode = 1;
    console.log(`${golden}/${problem}`);
  }
  for (const [page, text] of await made()) {
    const file = path.join(root, page);
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
    if (check) {
      process.exitCode = 1;
      console.log(`${page} is stale: run "npm run docs:generate".`);
      continue;
    }
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(`${page} written.`);
  }
}

void main(process.argv.includes('--check'));
