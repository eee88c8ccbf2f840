import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/** What is published: one file for `import`, one for `require`, no dependency of either. Not minified: who bundles it does that. */
const bundle = (filename, type) => ({
  mode: 'none',
  target: ['web', 'es2022'],
  devtool: 'source-map',
  entry: { index: path.join(root, 'libs/client/src/index.ts') },
  output: {
    path: path.join(root, 'dist/libs/client'),
    filename,
    module: type === 'modern-module',
    library: { type },
    chunkFormat: type === 'modern-module' ? 'module' : 'commonjs',
  },
  resolve: { extensions: ['.ts'], tsConfig: path.join(root, 'tsconfig.base.json') },
  optimization: { concatenateModules: true, usedExports: true, providedExports: true, sideEffects: true },
  module: {
    rules: [
      {
        test: /\.ts$/,
        loader: 'builtin:swc-loader',
        options: { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } },
      },
    ],
  },
  stats: 'errors-warnings',
});

export default [bundle('index.mjs', 'modern-module'), bundle('index.cjs', 'commonjs2')];
