import { java } from './conversation/java';
import { membership } from './conversation/membership';
import { refusals } from './conversation/refusals';
import { Scene } from './conversation/scene';
import { sessions } from './conversation/sessions';
import { state } from './conversation/state';
import { talking } from './conversation/talking';
import { type Maru, startMaru } from './support/maru';

let maru: Maru;
let scene: Scene;
beforeAll(async () => {
  maru = await startMaru({ gateways: 2, writers: 2 });
  scene = new Scene(maru);
}, 120_000);
afterAll(async () => {
  scene.close();
  await maru.stop();
});

describe('a conversation over two gateways', () => talking(() => scene));
describe('membership', () => membership(() => scene));
describe('what a client keeps of a room', () => state(() => scene));
describe('sessions', () => sessions(() => scene));
describe('refusals', () => refusals(() => scene));
describe('a client in another language', () => java(() => scene));
