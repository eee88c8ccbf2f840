import { standsFuzzing } from './trial';

describe('5,000 bad frames and 5,000 bad records', () => standsFuzzing(5_000, 300_000));

describe('100,000 bad frames and 100,000 bad records', () => standsFuzzing(100_000, 3_600_000));
