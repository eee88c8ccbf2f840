import { NumberReader } from './number-reader';

describe('a number in JSON that is not parsed', () => {
  const read = (reader: NumberReader, text: string, end = text.length) =>
    reader.read(Buffer.from(text), 0, end);

  it('is found again wherever it moves', () => {
    const reader = new NumberReader('seq');
    const texts = ['{"seq":1,"a":2}', '{"seq":29}', '{"longer":"x","seq":300,"seq2":4}', '{"seq":5}'];
    expect(texts.map((text) => read(reader, text))).toEqual([1, 29, 300, 5]);
  });

  it('is not taken from another key, nor from behind the end', () => {
    const reader = new NumberReader('at');
    expect(read(reader, '{"at":7}')).toBe(7);
    expect(read(reader, '{"ab":7,"bat":8}')).toBeNaN();
    expect(read(reader, '{"a":1}{"at":9}', 7)).toBeNaN();
  });
});
