/** The one Jest preset: TypeScript by SWC, our libs by name, packages that come as ESM transformed as well. */
const esm = [
  '@nestjs',
  'jose',
  'kysely',
  'uuid',
  'file-type',
  'strtok3',
  'token-types',
  'uint8array-extras',
  '@tokenizer',
  'load-esm',
  'http-proxy-middleware',
  'httpxy',
  'is-plain-obj',
  'listr2',
  'eventsource',
  'eventsource-parser',
];
const swc = JSON.parse(require('node:fs').readFileSync(`${__dirname}/.swcrc`, 'utf8'));

module.exports = {
  rootDir: __dirname,
  testEnvironment: 'node',
  moduleFileExtensions: ['ts', 'js', 'mjs', 'json', 'node'],
  // What is built has package.json files of the same names.
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  moduleNameMapper: { '^@maru/([^/]+)$': '<rootDir>/libs/$1/src/index.ts' },
  transform: { '\\.(ts|js|mjs)$': ['@swc/jest', { ...swc, swcrc: false, module: { type: 'commonjs' } }] },
  transformIgnorePatterns: [`/node_modules/(?!(${esm.join('|')})/)`],
};
