import { type Maru, startMaru } from '../support/maru';
import { describeInBrowser } from './browser';
import { longHistory } from './long-history';
import { Stage } from './stage';

describeInBrowser('the page', (browser) => {
  let maru: Maru;
  let stage: Stage;
  beforeAll(async () => {
    maru = await startMaru();
    stage = new Stage(maru, browser());
  }, 120_000);
  afterEach(() => stage.clear());
  afterAll(() => maru.stop());

  describe('a long history', () => longHistory(() => stage));
});
