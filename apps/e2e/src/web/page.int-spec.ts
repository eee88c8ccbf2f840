import { accessibility } from './accessibility';
import { acting } from './acting';
import { interruptions } from './interruptions';
import { longHistory } from './long-history';
import { noPage } from './no-page';
import { reading } from './reading';
import { safety } from './safety';
import { signs } from './signs';
import { describeOnStage } from './stage';
import { talking } from './talking';
import { writing } from './writing';

describeOnStage('the page', (stage) => {
  describe('a conversation', () => talking(stage));
  describe('what is read', () => reading(stage));
  describe('what is written', () => writing(stage));
  describe('what is told', () => signs(stage));
  describe('what is done with messages', () => acting(stage));
  describe('what others write', () => safety(stage));
  describe('a long history', () => longHistory(stage));
  describe('between the page and the server', () => interruptions(stage));
  describe('those who do not see it, or use no mouse', () => accessibility(stage));
});

describe('without the page', noPage);
