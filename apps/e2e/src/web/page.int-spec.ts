import { type Maru, startMaru } from '../support/maru';
import { accessibility } from './accessibility';
import { acting } from './acting';
import { describeInBrowser } from './browser';
import { interruptions } from './interruptions';
import { safety } from './safety';
import { Stage } from './stage';
import { talking } from './talking';

describeInBrowser('the page', (browser) => {
  let maru: Maru;
  let stage: Stage;
  beforeAll(async () => {
    maru = await startMaru();
    stage = new Stage(maru, browser());
  }, 120_000);
  afterEach(() => stage.clear());
  afterAll(() => maru.stop());

  describe('a conversation', () => talking(() => stage));
  describe('what is done with messages', () => acting(() => stage));
  describe('what others write', () => safety(() => stage));
  describe('between the page and the server', () => interruptions(() => stage));
  describe('those who do not see it, or use no mouse', () => accessibility(() => stage));
});
