import path from 'node:path';

/**
 * One bundle an app: its own code and our libs in `dist/apps/<app>/main.js`; packages from npm stay
 * outside and are required at run time, so that a production image is this file and `node_modules`.
 */
export default (env) => {
  const root = import.meta.dirname;
  const ours = (request) =>
    request.startsWith('.') || request.startsWith('@maru/') || path.isAbsolute(request);
  return {
    mode: 'none',
    target: 'node24',
    devtool: 'source-map',
    // A test may build an app from another entry, to another place.
    entry: { main: path.join(root, env.entry ?? path.join('apps', env.app, 'src/main.ts')) },
    output: {
      path: path.join(root, env.out ?? path.join('dist/apps', env.app)),
      filename: '[name].js',
      library: { type: 'commonjs2' },
      clean: true,
    },
    resolve: { extensions: ['.ts', '.js'], tsConfig: path.join(root, 'tsconfig.base.json') },
    externals: [({ request }, done) => (ours(request) ? done() : done(null, `commonjs ${request}`))],
    module: {
      rules: [
        {
          test: /\.ts$/,
          loader: 'builtin:swc-loader',
          options: {
            jsc: {
              parser: { syntax: 'typescript', decorators: true },
              transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
              target: 'es2024',
              keepClassNames: true,
            },
          },
        },
      ],
    },
    stats: 'errors-warnings',
  };
};
