/**
 * Loaded by `node --require` before an app, which at its end writes down what it has loaded, in a file of its name. No imports: it
 * is run as it stands, by Node's own type stripping.
 */
{
  const fs = process.getBuiltinModule('node:fs');
  const path = process.getBuiltinModule('node:path');
  const app = path.basename(path.dirname(process.argv[1] ?? ''));
  process.on('exit', () => {
    fs.writeFileSync(path.join(process.env.LOADED_FOLDER ?? '', app), Object.keys(require.cache).join('\n'));
  });
}
