import { type Maru, startMaru } from '../support/maru';
import { accessBesideStreams } from './access-beside-streams';
import { accessOverRest } from './access-over-rest';
import { accessOverSockets } from './access-over-sockets';
import { Cast } from './cast';
import { revocations } from './revocations';
import { forgedTokens } from './forged-tokens';
import { randomRequests } from './random-requests';

let maru: Maru;
let cast: Cast;
beforeAll(async () => {
  maru = await startMaru({ gateways: 2 });
  cast = await Cast.make(maru.rest());
}, 120_000);
afterAll(() => maru.stop());

describe('who may ask over REST', () =>
  accessOverRest(
    () => maru,
    () => cast,
  ));
describe('who may ask over sockets', () =>
  accessOverSockets(
    () => maru,
    () => cast,
  ));
describe('who may ask beside a stream', () =>
  accessBesideStreams(
    () => maru,
    () => cast,
  ));
describe('a token that is not as it should be', () => forgedTokens(() => maru));
describe('a session that is over', () => revocations(() => maru));
describe('Schemathesis finds nothing in a few random requests to each route', () =>
  randomRequests(() => maru, { phases: 'fuzzing', examples: 2 }, false));
