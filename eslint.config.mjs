import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Packages that only one place may import, so that each can be replaced there alone. */
const homes = {
  kafkajs: 'libs/kafka-client/**',
  pg: 'libs/postgres/**',
  'socket.io': 'apps/gateway/src/socketio/**',
  'engine.io': 'apps/gateway/src/socketio/**',
};
const banned = (names) => ({
  'no-restricted-imports': [
    'error',
    { paths: names.map((name) => ({ name, message: `Only ${homes[name]} may import it.` })) },
  ],
});
const names = Object.keys(homes);

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.nx/**', '**/.maru/**', '**/*.js', '**/*.mjs'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx, 'import-x': importX },
    settings: {
      'import-x/resolver-next': [importX.createNodeResolver({ extensions: ['.ts', '.js'] })],
      'import-x/internal-regex': '^@maru/',
    },
    rules: {
      ...banned(names),
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          allow: [],
          depConstraints: [
            {
              sourceTag: 'app',
              onlyDependOnLibsWithTags: ['lib:contracts', 'lib:kafka-client', 'lib:postgres', 'lib:service-kit'],
            },
            { sourceTag: 'e2e', onlyDependOnLibsWithTags: ['lib:contracts', 'lib:kafka-client', 'lib:stack', 'lib:client'] },
            { sourceTag: 'lib:contracts', onlyDependOnLibsWithTags: [] },
            { sourceTag: 'lib:kafka-client', onlyDependOnLibsWithTags: ['lib:contracts', 'lib:stack'] },
            { sourceTag: 'lib:postgres', onlyDependOnLibsWithTags: ['lib:contracts'] },
            { sourceTag: 'lib:service-kit', onlyDependOnLibsWithTags: ['lib:contracts', 'lib:kafka-client', 'lib:postgres'] },
            { sourceTag: 'lib:stack', onlyDependOnLibsWithTags: ['lib:contracts'] },
          ],
        },
      ],
      'import-x/no-cycle': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      eqeqeq: 'error',
    },
  },
  ...names.map((name) => ({ files: [homes[name]], rules: banned(names.filter((other) => homes[other] !== homes[name])) })),
  prettier,
);
