import { standsFuzzing } from './trial';

describe('100,000 bad frames and 100,000 bad records', () => standsFuzzing(100_000, 3_600_000));
