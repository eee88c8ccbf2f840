import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(__dirname, '../../../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join('docs', name)),
];

/** As the places that show Markdown make them of headings. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
}

const withoutBlocks = (text: string): string => text.replace(/```[\s\S]*?```/g, '');

/** Cells of every table row. */
const rowsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));

describe('the documents', () => {
  it.each(pages)('%s: every relative link leads somewhere', (page) => {
    const text = withoutBlocks(read(page));
    const wrong = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !/^https?:/.test(link))
      .filter((link) => {
        const [file = '', anchor] = link.split('#');
        const target = file === '' ? page : path.join(path.dirname(page), file);
        if (!existsSync(path.join(root, target))) return true;
        return anchor !== undefined && !anchorsOf(read(target)).includes(anchor);
      });
    expect(wrong).toEqual([]);
  });

  it.each(pages)('%s: every npm script that it names is there', (page) => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...read(page).matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  it('are as the code is: settings, ports, routes, errors, bodies, topics, metrics', () => {
    const command = ['node_modules/tsx/dist/cli.mjs', 'tools/docs/generate.ts', '--check'];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('name functions that are in the file beside them', () => {
    const wrong: string[] = [];
    for (const [, files = '', functions = ''] of rowsOf(read('docs/life-of-a-message.md'))) {
      const sources = [...files.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) =>
        read(path.join('docs', link)),
      );
      if (sources.length === 0) continue;
      for (const [, name = ''] of functions.matchAll(/`([^`]+)`/g)) {
        const last = name.split('.').at(-1) ?? '';
        if (!sources.some((source) => new RegExp(`\\b${last}\\b`).test(source)))
          wrong.push(`${files}: ${name}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('tell what each metric means at night', () => {
    const [, made = '', after = ''] =
      /<!-- made: metrics -->([\s\S]*?)<!-- end -->([\s\S]*)/.exec(read('docs/operate.md')) ?? [];
    const metrics = rowsOf(made).flatMap(([, name = '']) => /^`(\w+)`$/.exec(name)?.[1] ?? []);
    expect(metrics.length).toBeGreaterThan(15);
    const night = rowsOf(after)
      .map(([, look = '']) => look)
      .join(' ');
    expect(metrics.filter((name) => !new RegExp(`\`${name}[\`{]`).test(night))).toEqual([]);
  });

  it('name log lines that are written', () => {
    const [, logs = ''] = /\n## Logs\n([\s\S]*?)\n## /.exec(read('docs/operate.md')) ?? [];
    const named = rowsOf(logs).flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([\w.]+)`/g)].map(([, name = '']) => name),
    );
    const sources = execFileSync(
      'git',
      ['grep', '-hoE', "'[a-z_]+(\\.[a-z_]+)?'", '--', 'apps/*.ts', 'libs/*.ts'],
      {
        cwd: root,
        encoding: 'utf8',
      },
    );
    const written = new Set(sources.split('\n'));
    expect(named.filter((name) => name !== 'event' && !written.has(`'${name}'`))).toEqual([]);
  });
});
