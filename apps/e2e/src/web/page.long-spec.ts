import { longHistory } from './long-history';
import { describeOnStage } from './stage';

describeOnStage('the page', (stage) => describe('a long history', () => longHistory(stage)));
