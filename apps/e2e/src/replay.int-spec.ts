import type { Message } from '@maru/contracts';
import { bySpeaker, parseIrcLog } from './replay/irc-log';
import { ircLogs, logsFolder } from './replay/logs-folder';
import { replay } from './replay/replay';
import { judge } from './support/judge';
import { type Maru, startMaru } from './support/maru';

const logs = ircLogs();

if (logs.length === 0) {
  describe('real conversations', () => {
    it.skip(`are replayed: put IRC logs (*.txt) into ${logsFolder}, or name a folder by MARU_IRC_DIR`, () =>
      undefined);
  });
} else {
  describe('real conversations', () => {
    let maru: Maru;
    beforeAll(async () => {
      maru = await startMaru({ gateways: 2, writers: 2 });
    }, 120_000);
    afterAll(() => maru.stop());

    it.each(logs)(
      '$name goes through whole: history is the file, every view is history',
      async ({ name, read }) => {
        const lines = parseIrcLog(read());
        expect(lines).toHaveLength(read().match(/^\[\d\d:\d\d\] ( \*|<)/gm)?.length ?? 0);
        const { roomId, clients, outcomes } = await replay(lines, { name, urls: maru.urls });
        const [anyone] = [...clients.values()];
        const history = await maru.rest().events(anyone?.user.token ?? '', roomId);

        const blank = lines.filter(({ text }) => text.trim() === '');
        for (const line of blank)
          expect(outcomes.get(line)).toEqual({ kind: 'refused', code: 'bad_request' });
        expect([...outcomes.values()].filter(({ kind }) => kind === 'acked')).toHaveLength(
          lines.length - blank.length,
        );

        const messages = history.filter((event): event is Message => event.type === 'message');
        for (const [nick, said] of bySpeaker(lines)) {
          const mine = messages.filter(({ senderId }) => senderId === clients.get(nick)?.user.id);
          expect(mine.map(({ text, kind }) => [text, kind])).toEqual(
            said.filter((line) => !blank.includes(line)).map(({ text, kind }) => [text, kind]),
          );
        }

        const everyone = [...clients.values()];
        await Promise.all(everyone.map((client) => client.caughtUp(roomId, history.length)));
        expect(
          judge(
            new Map([[roomId, history]]),
            everyone.map(({ record }) => record),
          ),
        ).toEqual([]);
        for (const client of everyone) {
          expect(client.record.heardCount(roomId)).toBeGreaterThanOrEqual(messages.length);
          client.drop();
        }
      },
      // A machine that has other work to do takes its time.
      300_000,
    );
  });
}
