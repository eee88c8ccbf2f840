import { ChatClient } from '../../support/chat-client';
import { Rest, RestError } from '../../support/rest';
import { until } from '../../support/until';
import { newUsers, type TestUser } from '../../support/user';
import type { CheckStack } from '../check-stack';
import type { CatalogueFault } from './catalogue';
import { pick } from './processes';
import { SlowReader } from './slow-reader';

const seconds = 12;
const readers = 5;
/** Answers and deliveries of those who read may take so long meanwhile. */
const heldUpMs = 5_000;
const text = 'x'.repeat(3000);

/** Clients of one gateway that do not keep up, in a room with others who do: these must not be held up. */
export const slowReaders: CatalogueFault[] = [
  { what: 'that read nothing', bytesPerSecond: 0 },
  { what: 'that read 1 KB/s', bytesPerSecond: 1024 },
].map(({ what, bytesPerSecond }) => ({
  kind: `clients ${what}`,
  minSeconds: seconds + 3,
  times: 1,
  throw: (stack, random) => amongFastOnes(stack, bytesPerSecond, random),
}));

/** @throws when somebody who reads was held up. */
export async function amongFastOnes(
  { urls }: Pick<CheckStack, 'urls'>,
  bytesPerSecond: number,
  random: () => number,
): Promise<void> {
  const url = pick(urls, random);
  const rest = new Rest(url);
  // The fault before may have ended what is needed for it.
  const { talker, listener, slow, roomId } = await until(
    `there is a room at ${url} for slow readers`,
    () => newRoom(rest).catch(forNow),
    60_000,
  );
  const fast = [talker, listener].map((user) => new ChatClient(user, { urls: [url] }));
  const [sender] = fast as [ChatClient, ChatClient];
  const slowOnes: SlowReader[] = [];
  try {
    await Promise.all(fast.map((client) => client.connect()));
    for (let one = 0; one < readers; one++)
      slowOnes.push(await SlowReader.open(url, slow.token, bytesPerSecond));
    const deadline = performance.now() + seconds * 1000;
    while (performance.now() < deadline) {
      const outcome = await sender.send(roomId, text);
      if (outcome.kind !== 'acked')
        throw new Error(`Among slow readers a message was not taken: ${outcome.kind}.`);
      await Promise.all(fast.map((client) => client.caughtUp(roomId, outcome.seq, heldUpMs)));
      const { tookMs = 0 } = sender.record.sent.at(-1) ?? {};
      if (tookMs > heldUpMs) throw new Error(`Among slow readers an answer took ${Math.round(tookMs)} ms.`);
    }
  } finally {
    for (const client of fast) client.drop();
    for (const one of slowOnes) one.close();
  }
}

async function newRoom(rest: Rest) {
  const users = await newUsers(rest, ['Talker', 'Listener', 'Slow']);
  const [talker, listener, slow] = users as [TestUser, TestUser, TestUser];
  const memberIds = [listener.id, slow.id];
  const room = { name: 'Slow', visibility: 'private', memberIds } as const;
  const { id: roomId } = await rest.createRoom(talker.token, room);
  return { talker, listener, slow, roomId };
}

/** @throws when it will not be otherwise later. */
function forNow(error: unknown): undefined {
  if (error instanceof RestError && error.body.retryable !== true) throw error;
}
