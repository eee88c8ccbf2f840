import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(__dirname, '../../../..');
const page = readFileSync(path.join(root, 'docs/security.md'), 'utf8');

/** The last cell of each row of the tables that have a column `test`. */
function tests(text: string): { risk: string; test: string }[] {
  return text.split('\n## ').flatMap((section) => {
    const rows = section
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .map((line) => line.split('|').map((cell) => cell.trim()));
    if (rows[0]?.at(-2) !== 'test') return [];
    return rows.slice(2).map((cells) => ({ risk: cells[1] ?? '', test: cells.at(-2) ?? '' }));
  });
}

describe('docs/security.md', () => {
  const lines = tests(page);

  it('names a test that is there for each line, or calls it open', () => {
    expect(lines.length).toBeGreaterThan(30);
    const without = lines.filter(({ test }) => {
      const specs = [...test.matchAll(/\]\(\.\.\/([^)]+spec\.ts)\)/g)].map(([, file = '']) => file);
      if (test.startsWith('_open_')) return specs.length > 0;
      return specs.length === 0 || !specs.every((file) => existsSync(path.join(root, file)));
    });
    expect(without).toEqual([]);
  });
});
