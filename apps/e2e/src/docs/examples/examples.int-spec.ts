import { type Maru, startMaru } from '../../support/maru';
import { differences } from './differences';
import { readExamples } from './examples-file';
import { inPlainWords } from './plain-words';
import { askable, type Examples, nameOf, runExamples } from './run-examples';

describe('the examples of the OpenAPI', () => {
  const examples = readExamples();
  let maru: Maru;
  let answered: Examples;
  beforeAll(async () => {
    maru = await startMaru();
    answered = inPlainWords(await runExamples(maru));
  }, 180_000);
  afterAll(() => maru.stop());

  it('are there for every route that takes a token or none', () => {
    const names = askable.map(nameOf);
    const remedy = 'run "npm run docs:examples", then "npm run docs:generate"';
    expect(names.filter((name) => !(name in examples)).map((name) => `${name} has none: ${remedy}`)).toEqual(
      [],
    );
    expect(Object.keys(examples).filter((name) => !names.includes(name))).toEqual([]);
  });

  it.each(askable.map(nameOf))('%s is answered as its example has it', (name) => {
    const { status } = examples[name] ?? {};
    expect({
      status: answered[name]?.status,
      differences: differences(examples[name], answered[name]),
    }).toEqual({
      status,
      differences: [],
    });
  });
});

describe('how examples are compared', () => {
  it('finds a field that is missing, is new, or is of another type', () => {
    const one = { items: [{ id: 'a', seq: 1 }], next: null };
    expect(differences(one, { items: [{ id: 'b', seq: 2 }], next: 'x' })).toEqual([]);
    expect(differences(one, { items: [], next: null })).toEqual([]);
    expect(differences(one, { items: [{ id: 'a' }], next: null })).toEqual([
      '.items[].seq: number and undefined',
    ]);
    expect(differences(one, { ...one, more: 1 })).toEqual(['.more: undefined and number']);
    expect(differences(one, { items: [{ id: 'a', seq: '1' }] })).toHaveLength(1);
  });
});
