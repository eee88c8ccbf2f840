import { InvalidRecordError, KafkaUnavailableError } from '../errors';
import { ofSurroundings } from './surroundings';

const coded = (code: string) => Object.assign(new Error(code), { code });

const ofStoreOrBroker: [string, unknown][] = [
  ['the broker away', new KafkaUnavailableError('away')],
  ['ECONNREFUSED', coded('ECONNREFUSED')],
  ['a database that shuts down (57P01)', coded('57P01')],
  ['a lost database connection (08006)', coded('08006')],
  ['what calls itself retryable', Object.assign(new Error('away'), { retryable: true })],
];
const ofTheRecord: [string, unknown][] = [
  ['any error', new Error('broken')],
  ['a record that breaks its contract', new InvalidRecordError('broken')],
  ['a unique violation (23505)', coded('23505')],
  ['a thrown string', 'broken'],
];

describe('ofSurroundings', () => {
  it.each(ofStoreOrBroker)('retries %s without bound', (_, error) => {
    expect(ofSurroundings(error)).toBe(true);
  });

  it.each(ofTheRecord)('bounds the retries of %s', (_, error) => {
    expect(ofSurroundings(error)).toBe(false);
  });
});
