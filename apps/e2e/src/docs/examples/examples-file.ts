import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Examples } from './run-examples';

/** Where tools/docs takes them from, for docs/openapi.json. */
export const examplesFile = path.resolve(__dirname, '../../../../../tools/docs/openapi/examples.json');

export const readExamples = (): Examples => JSON.parse(readFileSync(examplesFile, 'utf8')) as Examples;
