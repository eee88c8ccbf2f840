import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { fileOf, readSamples } from './golden-file';
import { allEvents, judge, type PublicEvent } from './golden';

const folder = path.resolve(__dirname, '../../../libs/contracts/golden');

const was = {
  userId: z.uuid(),
  at: z.iso.datetime(),
  reason: z.enum(['by_user', 'refused']),
  count: z.int(),
  place: z.object({ roomId: z.uuid(), tags: z.array(z.string()) }),
  note: z.string().nullable(),
  more: z.string().optional(),
};
const event = (contract: z.ZodType, type = 'thing.done'): PublicEvent => ({
  topic: 'users.events',
  type,
  contract,
});
const first = judge([event(z.object(was))], []).missing;
/** What is said when the event has become this. */
const become = (now: Record<string, z.ZodType>, without: string[] = []) => {
  const fields = Object.entries({ ...was, ...now }).filter(([name]) => !without.includes(name));
  return judge([event(z.object(Object.fromEntries(fields)))], first);
};

describe('the events of today', () => {
  it('break nobody who consumes a version of them, and each has a sample of how it is', () => {
    const { problems, missing } = judge(allEvents(), readSamples(folder));
    expect(problems).toEqual([]);
    expect(missing.map((sample) => `${fileOf(sample)}: run "npm run docs:generate" and check it in`)).toEqual(
      [],
    );
  });
});

describe('the judge of events', () => {
  it('drafts the sample of a new event, which is as its contract says', () => {
    expect(first).toHaveLength(1);
    expect(first[0]).toMatchObject({ version: 1, type: 'thing.done', headers: { ce_type: 'thing.done' } });
    expect(z.object(was).safeParse(first[0]?.value).success).toBe(true);
    expect(judge([event(z.object(was))], first)).toEqual({ problems: [], missing: [] });
  });

  it.each<[what: string, now: Record<string, z.ZodType>, without: string[], words: RegExp]>([
    ['removed', {}, ['count'], /count is gone/],
    ['renamed', { amount: z.int() }, ['count'], /count is gone/],
    ['of another type', { count: z.string() }, [], /count was integer, and is string/],
    ['of another format', { userId: z.string() }, [], /userId was string \(uuid\), and is string/],
    ['null at times', { count: z.int().nullable() }, [], /count was integer, and is integer or null/],
    ['missing at times', { count: z.int().optional() }, [], /count was always there, and may be missing/],
    ['an enum without a value it had', { reason: z.enum(['by_user']) }, [], /reason has no refused any more/],
    ['one of a few', { note: z.enum(['a']).nullable() }, [], /note .*(no longer|one of a few)/],
    ['gone inside another', { place: z.object({ tags: z.array(z.string()) }) }, [], /place\.roomId is gone/],
    [
      'of another type inside a list',
      { place: z.object({ roomId: z.uuid(), tags: z.array(z.int()) }) },
      [],
      /place\.tags\[\] was string, and is integer/,
    ],
    ['new and required', { added: z.string() }, [], /added is required, and records of then lack it/],
    ['optional before and required now', { more: z.string() }, [], /more is required/],
    ['an optional one that is gone', {}, ['more'], /more is gone/],
  ])('refuses a field that is %s', (_, now, without, words) => {
    const { problems, missing } = become(now, without);
    expect(problems.join()).toMatch(words);
    expect(problems.join()).toContain('users.events/thing.done.v1.json');
    expect(missing).toEqual([]);
  });

  it('lets optional fields and further values of an enum come in, and wants a sample of that version', () => {
    for (const now of [
      { added: z.string().optional() },
      { reason: z.enum(['by_user', 'refused', 'expired']) },
    ]) {
      const { problems, missing } = become(now);
      expect(problems).toEqual([]);
      expect(missing).toMatchObject([{ version: 2 }]);
    }
  });

  it('holds an event against every version, not only the last', () => {
    const samples = [...first, ...become({ added: z.string().optional() }).missing];
    expect(judge([event(z.object({ ...was, added: z.string().optional() }))], samples)).toEqual({
      problems: [],
      missing: [],
    });
    const { problems } = judge([event(z.object(was))], samples);
    expect(problems).toEqual([expect.stringMatching(/thing\.done\.v2\.json: added is gone/)]);
  });

  it('refuses an event that is gone, and a sample that its contract would not take', () => {
    expect(judge([], first).problems).toEqual([expect.stringMatching(/there is no such event any more/)]);
    const bounded = judge([event(z.object({ ...was, count: z.int().min(1000) }))], first);
    expect(bounded.problems).toEqual([expect.stringMatching(/count of the sample is refused/)]);
  });

  it('reads samples by their place, the versions in their order', () => {
    const temp = mkdtempSync(path.join(tmpdir(), 'golden-'));
    mkdirSync(path.join(temp, 'users.events'));
    for (const version of [10, 2]) {
      const sample = { ...first[0], version } as (typeof first)[0];
      writeFileSync(path.join(temp, fileOf(sample)), JSON.stringify(sample));
    }
    expect(readSamples(temp).map(({ version }) => version)).toEqual([2, 10]);
    rmSync(temp, { recursive: true });
  });
});
