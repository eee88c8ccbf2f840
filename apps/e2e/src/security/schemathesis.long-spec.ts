import { type Maru, startMaru } from '../support/maru';
import { randomRequests } from './random-requests';

let maru: Maru;
beforeAll(async () => (maru = await startMaru()), 120_000);
afterAll(() => maru.stop());

const extent = { phases: 'examples,coverage,fuzzing', examples: 200 };
describe('Schemathesis finds nothing in many random requests', () =>
  randomRequests(() => maru, extent, true));
