import { Scene } from './conversation/scene';
import { friends } from './rest/friends';
import { messageActions } from './rest/message-actions';
import { messages } from './rest/messages';
import { people } from './rest/people';
import { rooms } from './rest/rooms';
import { type Maru, startMaru } from './support/maru';

let maru: Maru;
let scene: Scene;
beforeAll(async () => {
  maru = await startMaru();
  scene = new Scene(maru);
}, 120_000);
afterAll(async () => {
  scene.close();
  await maru.stop();
});

describe('rooms over REST', () => rooms(() => scene));
describe('messages over REST', () => messages(() => scene));
describe('what is done to messages', () => messageActions(() => scene));
describe('people over REST', () => people(() => scene));
describe('friends', () => friends(() => scene));
