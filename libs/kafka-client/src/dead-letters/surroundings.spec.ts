import { InvalidRecordError, KafkaUnavailableError } from '../errors';
import { ofSurroundings } from './surroundings';

const coded = (code: string) => Object.assign(new Error(code), { code });

describe('ofSurroundings', () => {
  it.each([
    new KafkaUnavailableError('away'),
    coded('ECONNREFUSED'),
    coded('57P01'),
    coded('08006'),
    Object.assign(new Error('away'), { retryable: true }),
  ])('takes %s for an error of store, broker or service', (error) => {
    expect(ofSurroundings(error)).toBe(true);
  });

  it.each([new Error('broken'), new InvalidRecordError('broken'), coded('23505'), 'broken', undefined])(
    'takes %s for an error of the record',
    (error) => {
      expect(ofSurroundings(error)).toBe(false);
    },
  );
});
