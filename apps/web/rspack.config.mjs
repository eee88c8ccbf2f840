import path from 'node:path';
import { rspack } from '@rspack/core';

const root = path.resolve(import.meta.dirname, '../..');
const at = (file) => path.join(root, 'apps/web', file);

/** The page in `dist/apps/web`: its script and its style have names that change with them, so that both may be kept. */
export default {
  mode: 'production',
  target: ['web', 'es2022'],
  devtool: 'source-map',
  entry: { page: at('src/main.tsx') },
  output: {
    path: path.join(root, 'dist/apps/web'),
    filename: '[name].[contenthash:12].js',
    cssFilename: '[name].[contenthash:12].css',
    clean: true,
  },
  resolve: { extensions: ['.tsx', '.ts', '.js'], tsConfig: path.join(root, 'tsconfig.base.json') },
  module: {
    rules: [
      {
        test: /\.tsx?$/,
        loader: 'builtin:swc-loader',
        options: {
          jsc: {
            parser: { syntax: 'typescript', tsx: true },
            transform: { react: { runtime: 'automatic', importSource: 'preact' } },
            target: 'es2022',
          },
        },
      },
      { test: /\.css$/, type: 'css/auto' },
    ],
  },
  plugins: [
    new rspack.HtmlRspackPlugin({
      template: at('src/index.html'),
      favicon: at('src/favicon.svg'),
      scriptLoading: 'defer',
    }),
  ],
  stats: 'errors-warnings',
};
