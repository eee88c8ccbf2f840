import { JavaClient } from '../support/java-client';
import type { Scene } from './scene';

/** The promise to clients of other languages: the stock Socket.IO client for Java keeps up like ours. */
export function java(scene: () => Scene): void {
  it('lets the stock Java client log in, talk, drop, resume and agree on every seq', async () => {
    const [ann, duke] = [await scene().user('Ann'), await scene().user('Duke')];
    const roomId = await scene().room('private', ann, duke);
    const annOne = await scene().client(ann, 1);
    const client = await JavaClient.start(scene().maru.urls[1] ?? '', duke);
    try {
      await client.connect();
      for (let turn = 1; turn <= 5; turn++) {
        await annOne.send(roomId, `Ann ${turn} 안녕`);
        await client.send(roomId, `java-${turn}`, `Duke ${turn} 안녕 👋`);
      }
      await client.caughtUp(roomId, 13);
      client.drop();
      for (let number = 1; number <= 50; number++) await annOne.send(roomId, `missed ${number}`);
      await client.connect();
      await client.send(roomId, 'java-5', 'Duke 5 안녕 👋');
      await client.send(roomId, 'java-6', 'back again');
      const [repeat] = client.record.sent.splice(5, 1);
      expect(repeat?.outcome).toEqual(client.record.sent[4]?.outcome);
      expect(await scene().verdict(duke, roomId, [annOne, client])).toEqual([]);
      expect(client.record.heard(roomId)).toHaveLength(61);
    } finally {
      await client.stop();
    }
  });
}
