import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/**
 * Writes the types of the package, once for `import` and once for `require`. What they use of libs/contracts is written
 * out as plain types, so that who installs the package needs no zod.
 */
const root = path.resolve(__dirname, '../..');
const sources = path.join(root, 'libs/client/src');
const contracts = path.join(root, 'libs/contracts/src/index.ts');
const out = path.join(root, 'dist/libs/client');

function programOf(): ts.Program {
  const file = path.join(root, 'tsconfig.base.json');
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(file, (name) => ts.sys.readFile(name)).config,
    ts.sys,
    root,
  );
  const declared = {
    ...options,
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    stripInternal: true,
  };
  return ts.createProgram([path.join(sources, 'index.ts')], declared);
}

/** A type without any name of ours in it. */
function plain(type: ts.Type, checker: ts.TypeChecker): string {
  const print = (inner: ts.Type): string => plain(inner, checker);
  if (type.isUnion() && !(type.flags & ts.TypeFlags.Boolean)) {
    const parts = [
      ...new Set(type.types.map((part) => (part.flags & ts.TypeFlags.BooleanLike ? 'boolean' : print(part)))),
    ];
    const oneBoolean = type.types.filter((part) => part.flags & ts.TypeFlags.BooleanLike).length === 1;
    return oneBoolean ? type.types.map(print).join(' | ') : parts.join(' | ');
  }
  if (!(type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))) return checker.typeToString(type);
  if (checker.isArrayType(type))
    return `(${print(checker.getTypeArguments(type as ts.TypeReference)[0] ?? type)})[]`;
  const fields = checker.getPropertiesOfType(type).map((field) => {
    const optional = (field.flags & ts.SymbolFlags.Optional) !== 0;
    const of = checker.getTypeOfSymbol(field);
    const body = optional
      ? print(checker.getNonNullableType(of)) + (isNullable(of) ? ' | null' : '')
      : print(of);
    return `${JSON.stringify(field.name)}${optional ? '?' : ''}: ${body};`;
  });
  for (const { keyType, type: value } of checker.getIndexInfosOfType(type))
    fields.push(`[key: ${checker.typeToString(keyType)}]: ${print(value)};`);
  return fields.length === 0 ? 'object' : `{ ${fields.join(' ')} }`;
}

const isNullable = (type: ts.Type): boolean =>
  type.isUnion() && type.types.some(({ flags }) => flags & ts.TypeFlags.Null);

/** The types of libs/contracts that these declarations name. */
function contractsOf(texts: readonly string[], program: ts.Program): string {
  const imports = texts.flatMap((text) => [...text.matchAll(/\{([^}]*)\} from '@maru\/contracts'/g)]);
  const names = imports.flatMap(([, list = '']) =>
    list.split(',').map((name) => name.trim().split(' as ')[0] ?? ''),
  );
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(contracts);
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error('libs/contracts is not part of the program');
  const exported = new Map(checker.getExportsOfModule(module).map((symbol) => [symbol.name, symbol]));
  return [...new Set(names)]
    .filter((name) => name !== '')
    .sort()
    .map((name) => {
      const symbol = exported.get(name);
      if (symbol === undefined) throw new Error(`libs/contracts has no ${name}`);
      const real = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      return `export type ${name} = ${plain(checker.getDeclaredTypeOfSymbol(real), checker)};\n`;
    })
    .join('');
}

/** The same declarations as they are found by `import` (`.d.mts`) or by `require` (`.d.cts`). */
function write(files: ReadonlyMap<string, string>, kind: 'mts' | 'cts'): void {
  const ending = kind === 'mts' ? '.mjs' : '.cjs';
  for (const [name, text] of files) {
    const up = '../'.repeat(name.split('/').length - 1) || './';
    const file = path.join(out, 'types', `${name}.d.${kind}`);
    mkdirSync(path.dirname(file), { recursive: true });
    const found = text
      .replaceAll("'@maru/contracts'", `'${up}contracts'`)
      .replace(/from '(\.[^']*)'/g, (_, to: string) => `from '${to}${ending}'`);
    writeFileSync(file, found);
  }
}

const program = programOf();
const files = new Map<string, string>();
program.emit(undefined, (file, text) => {
  const name = path.relative(sources, file).replace(/\.d\.ts$/, '');
  if (!name.startsWith('..')) files.set(name, text);
});
files.set('contracts', contractsOf([...files.values()], program));
rmSync(path.join(out, 'types'), { recursive: true, force: true });
write(files, 'mts');
write(files, 'cts');
for (const file of ['package.json', 'README.md'])
  cpSync(path.join(root, 'libs/client', file), path.join(out, file));
