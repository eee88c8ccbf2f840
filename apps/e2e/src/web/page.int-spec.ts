import { accessibility } from './accessibility';
import { acting } from './acting';
import { interruptions } from './interruptions';
import { safety } from './safety';
import { describeOnStage } from './stage';
import { talking } from './talking';

describeOnStage('the page', (stage) => {
  describe('a conversation', () => talking(stage));
  describe('what is done with messages', () => acting(stage));
  describe('what others write', () => safety(stage));
  describe('between the page and the server', () => interruptions(stage));
  describe('those who do not see it, or use no mouse', () => accessibility(stage));
});
