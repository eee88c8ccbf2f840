import { writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { startMaru } from '../../support/maru';
import { examplesFile } from './examples-file';
import { inPlainWords } from './plain-words';
import { runExamples } from './run-examples';

/** Writes the examples of the OpenAPI: what a real Maru answers now. */
async function main(): Promise<void> {
  const maru = await startMaru();
  try {
    const examples = inPlainWords(await runExamples(maru));
    const options = await resolveConfig(examplesFile);
    writeFileSync(examplesFile, await format(JSON.stringify(examples), { ...options, parser: 'json' }));
    console.log(`${Object.keys(examples).length} examples written; now run "npm run docs:generate".`);
  } finally {
    await maru.stop();
  }
}

void main();
