import { foreignTokens } from './identity/foreign-tokens';
import { serverKeyRules } from './identity/server-key-rules';
import { backEnd } from './identity/back-end';
import { Issuer } from './support/issuer';
import { type Maru, startMaru } from './support/maru';

let maru: Maru;
let issuer: Issuer;
beforeAll(async () => {
  issuer = await Issuer.start();
  maru = await startMaru({ env: { AUTH_ISSUERS: JSON.stringify([issuer.config]) } });
}, 120_000);
afterAll(async () => {
  await maru.stop();
  await issuer.stop();
});

describe('a token of another issuer', () =>
  foreignTokens(
    () => maru,
    () => issuer,
  ));
describe('a back end', () =>
  backEnd(
    () => maru,
    () => issuer,
  ));
describe('a server key', () => serverKeyRules(() => maru));
