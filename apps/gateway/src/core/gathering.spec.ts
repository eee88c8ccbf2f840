import { Gathering } from './gathering';

describe('gathered questions', () => {
  it('of one tick make one call, answered in order', async () => {
    const calls: number[][] = [];
    const gathering = new Gathering<number, number>(
      async (questions) => {
        calls.push([...questions]);
        return questions.map((question) => question * 10);
      },
      { maxWeight: 3 },
    );
    expect(await Promise.all([1, 2, 3, 4].map((question) => gathering.ask(question)))).toEqual([
      10, 20, 30, 40,
    ]);
    expect(calls).toEqual([[1, 2, 3], [4]]);
  });

  it('weigh what they weigh; a heavy one goes alone', async () => {
    const calls: number[][] = [];
    const gathering = new Gathering<number, number>(
      async (questions) => {
        calls.push([...questions]);
        return questions;
      },
      { maxWeight: 10, weightOf: (question) => question },
    );
    await Promise.all([4, 5, 20, 9].map((question) => gathering.ask(question)));
    expect(calls).toEqual([[4, 5], [20], [9]]);
  });

  it('that come while calls are under way go together in the next', async () => {
    const calls: number[][] = [];
    const open: (() => void)[] = [];
    const gathering = new Gathering<number, number>(
      async (questions) => {
        calls.push([...questions]);
        await new Promise<void>((resolve) => open.push(resolve));
        return questions;
      },
      { maxWeight: 10, maxCalls: 1 },
    );
    const tick = () => new Promise((resolve) => setImmediate(resolve));
    const asked = [gathering.ask(1)];
    await tick();
    for (const question of [2, 3]) {
      asked.push(gathering.ask(question));
      await tick();
    }
    expect(calls).toEqual([[1]]);
    open.shift()?.();
    await tick();
    expect(calls).toEqual([[1], [2, 3]]);
    open.shift()?.();
    expect(await Promise.all(asked)).toEqual([1, 2, 3]);
  });

  it('fail together when their call fails, and the next are asked all the same', async () => {
    let fails = true;
    const gathering = new Gathering<number, number>(
      async (questions) => {
        if (fails) throw new Error('away');
        return questions;
      },
      { maxWeight: 10 },
    );
    await expect(gathering.ask(1)).rejects.toThrow('away');
    fails = false;
    expect(await gathering.ask(2)).toBe(2);
  });
});
