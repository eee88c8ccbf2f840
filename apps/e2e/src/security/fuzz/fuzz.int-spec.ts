import { standsFuzzing } from './trial';

describe('5,000 bad frames and 5,000 bad records', () => standsFuzzing(5_000, 300_000));
