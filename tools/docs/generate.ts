import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { accessTable } from './access';
import { metricsTable } from './metrics';
import { protocolBlocks } from './protocol';
import { envExample, settingsBlocks } from './settings';

/**
 * Fills what lies between `<!-- made: name -->` and `<!-- end -->` in the documents, and writes `.env.example`,
 * both from the code. With `--check` nothing is written: it names what is stale and ends with code 1.
 */
const root = path.resolve(__dirname, '../..');
const pages: Record<string, Record<string, () => string>> = {
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

async function made(): Promise<Map<string, string>> {
  const results = new Map([['.env.example', envExample()]]);
  for (const [page, blocks] of Object.entries(pages)) {
    const options = await resolveConfig(path.join(root, page));
    results.set(page, await format(filled(page, blocks), { ...options, parser: 'markdown' }));
  }
  return results;
}

async function main(check: boolean): Promise<void> {
  for (const [page, text] of await made()) {
    const file = path.join(root, page);
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
    if (check) process.exitCode = 1;
    else writeFileSync(file, text);
    console.log(check ? `${page} is stale: run "npm run docs:generate".` : `${page} written.`);
  }
}

void main(process.argv.includes('--check'));
