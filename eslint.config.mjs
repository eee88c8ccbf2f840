import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Packages that only one place may import, so that each can be replaced there alone. */
const homes = {
  kafkajs: ['libs/kafka-client/**', 'docs/examples/**'],
  pg: ['libs/postgres/**'],
  'cassandra-driver': ['apps/api-chat/src/archive/**'],
  'socket.io': ['apps/gateway/src/socketio/**'],
  'engine.io': ['apps/gateway/src/socketio/**'],
  'mqtt-packet': ['apps/{gateway/src/mqtt,e2e/src/{bench,security/fuzz}}/**'],
  '@opentelemetry/api': ['libs/kafka-client/**', 'libs/service-kit/**', 'apps/api-chat/src/testing/**'],
};
const folders = [...new Set(Object.values(homes).flat())];
const banned = (names) => ({
  'no-restricted-imports': [
    'error',
    { paths: names.map((name) => ({ name, message: `Only ${homes[name].join(', ')} may import it.` })) },
  ],
});
const names = Object.keys(homes);

/** Which lib may be imported from where. Tests may start the real stack besides. */
const boundaries = (besides) => [
  'error',
  {
    depConstraints: Object.entries({
      app: ['contracts', 'kafka-client', 'postgres', 'service-kit'],
      web: ['client'],
      e2e: ['contracts', 'kafka-client', 'postgres', 'stack', 'client'],
      'lib:contracts': [],
      'lib:client': ['contracts'],
      'lib:kafka-client': ['contracts'],
      'lib:postgres': ['contracts'],
      'lib:service-kit': ['contracts', 'kafka-client', 'postgres'],
      'lib:stack': ['contracts'],
    }).map(([sourceTag, libs]) => ({
      sourceTag,
      onlyDependOnLibsWithTags: [...libs, ...besides].map((lib) => `lib:${lib}`),
    })),
  },
];
const tests = ['**/*.{spec,int-spec,long-spec}.ts', '**/testing/**'];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.nx/**', '**/.maru/**', '**/*.js', '**/*.mjs'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    files: ['**/*.{ts,tsx}'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx, 'import-x': importX },
    settings: {
      'import-x/extensions': ['.ts', '.tsx'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts', '.tsx'] },
      'import-x/resolver-next': [
        importX.createNodeResolver({
          extensions: ['.ts', '.tsx', '.js'],
          tsconfig: { configFile: `${import.meta.dirname}/tsconfig.base.json` },
        }),
      ],
    },
    rules: {
      ...banned(names),
      '@nx/enforce-module-boundaries': boundaries([]),
      'import-x/no-cycle': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      eqeqeq: 'error',
    },
  },
  { files: tests, rules: { '@nx/enforce-module-boundaries': boundaries(['stack']) } },
  // An api-chat that is broken on purpose is api-chat itself with one provider swapped.
  {
    files: ['apps/e2e/src/check/mutants/*.main.ts', 'apps/e2e/src/check/mutants/run-mutant.ts'],
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
  ...folders.map((folder) => ({
    files: [folder],
    rules: banned(names.filter((name) => !homes[name].includes(folder))),
  })),
  prettier,
);
