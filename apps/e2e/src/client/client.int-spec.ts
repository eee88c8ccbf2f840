import { actions } from './actions';
import { ClientStage } from './client-stage';
import { cutLines } from './cut-lines';
import { readmeChat } from './readme-chat';
import { rooms } from './rooms';
import { sending } from './sending';
import { staying } from './staying';
import { tokens } from './tokens';

let stage: ClientStage;
beforeAll(async () => (stage = await ClientStage.open()), 120_000);
afterAll(() => stage.close());

describe('clients whose connections are cut at random bytes', () => cutLines(() => stage));
describe('what a client sends', () => sending(() => stage));
describe('a client that stays connected', () => staying(() => stage));
describe('rooms as a client keeps them', () => rooms(() => stage));
describe('tokens of a client', () => tokens(() => stage));
describe('what is done to messages, as a client shows it', () => actions(() => stage));
describe('the chat of the README', () => readmeChat(() => stage));
