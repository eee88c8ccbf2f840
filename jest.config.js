const preset = require('./jest.preset.js');

const long = process.env.MARU_LONG === '1';

module.exports = {
  ...preset,
  testMatch: [
    '<rootDir>/{apps,libs,tools}/**/*.{spec,int-spec}.ts',
    ...(long ? ['<rootDir>/{apps,libs}/**/*.long-spec.ts'] : []),
  ],
  globalSetup: '<rootDir>/libs/stack/src/testing/global-setup.ts',
  globalTeardown: '<rootDir>/libs/stack/src/testing/global-teardown.ts',
  testTimeout: 60_000,
  maxWorkers: 1,
  // A test that failed half-way may leave something open: the run ends all the same.
  forceExit: true,
  reporters: ['default', '<rootDir>/libs/stack/src/testing/summary-reporter.js'],
};
