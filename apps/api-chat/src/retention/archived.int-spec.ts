import { setTimeout as delay } from 'node:timers/promises';
import { CodedError, type RoomEvent } from '@maru/contracts';
import { ArchiveRepository } from '../archive/archive.repository';
import { CqlBodies } from '../archive/cql-bodies';
import { HistoryMover } from '../archive/history-mover';
import { ArchiveRig } from '../testing/archive-rig';
import { PastRig } from '../testing/past-rig';
import { firstId, RetentionRepository } from './retention.repository';

describe('history that is too old, of which a part is in Cassandra', () => {
  let cql: ArchiveRig;
  let rig: PastRig;
  let archive: CqlBodies;
  let mover: HistoryMover;
  beforeAll(async () => {
    cql = await ArchiveRig.start();
    archive = cql.archive();
    rig = await PastRig.start(archive);
    mover = new HistoryMover(new ArchiveRepository(rig.store), archive);
  }, 120_000);
  afterAll(async () => {
    await rig.stop();
    await cql.stop();
  });

  /** Eight events: up to seq 4 of more than 30 days ago, and all but the last are in Cassandra. */
  async function makeArchivedRoom(): Promise<string> {
    const roomId = await rig.makeRoom(50, 40, 20, 15, 10, 5);
    await rig.elsewhere();
    await mover.toArchive(roomId, 1, () => undefined);
    expect(await inCassandra(roomId)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect((await rig.words(roomId)).map((body) => body === null).lastIndexOf(true)).toBe(6);
    return roomId;
  }
  async function inCassandra(roomId: string): Promise<number[]> {
    const places = Array.from({ length: 10 }, (_, index) => ({ roomId, seq: index + 1 }));
    return (await archive.get(places)).map(({ seq }) => seq).sort((a, b) => a - b);
  }
  async function eventsAfter(roomId: string, after: number): Promise<number[]> {
    const events = await rig.messages.events(roomId, after, 100);
    return events.map((event) => (JSON.parse(event) as RoomEvent).seq);
  }
  async function toForget(roomId: string): Promise<boolean> {
    return (await rig.repository.hidden(firstId, 0)).some((room) => room.roomId === roomId);
  }

  it('is gone from Cassandra too, and what is younger is whole on both sides of the seam', async () => {
    const roomId = await makeArchivedRoom();
    await rig.turn(30);
    expect(await inCassandra(roomId)).toHaveLength(7);
    await rig.turn(30);
    expect(await inCassandra(roomId)).toEqual([5, 6, 7]);
    expect((await rig.words(roomId)).slice(0, 4)).toEqual([null, null, null, null]);
    expect(await toForget(roomId)).toBe(false);
    expect(await rig.seqsOf(roomId)).toEqual([5, 6, 7, 8]);
    await expect(rig.messages.events(roomId, 3, 100)).rejects.toEqual(new CodedError('events_forgotten'));
    expect(await eventsAfter(roomId, 4)).toEqual([5, 6, 7, 8]);
    // Its ids are known still, and it goes on where it was.
    expect(await rig.does(rig.say(roomId, 'm3'))).toMatchObject({ ok: true, seq: 3, duplicate: true });
    expect(await rig.does(rig.say(roomId, 'new'))).toMatchObject({ ok: true, seq: 9 });
    expect(await eventsAfter(roomId, 4)).toEqual([5, 6, 7, 8, 9]);
  });

  it('does not come to Cassandra any more once it is hidden', async () => {
    const roomId = await rig.makeRoom(50, 40, 20, 10);
    await rig.elsewhere();
    await rig.turn(30);
    await mover.toArchive(roomId, 1, () => undefined);
    expect(await inCassandra(roomId)).toEqual([5]);
    await rig.turn(30);
    expect(await inCassandra(roomId)).toEqual([5]);
    expect(await rig.seqsOf(roomId)).toEqual([5, 6]);
  });

  it('waits while Cassandra is away, loses nothing else, and goes when it is back', async () => {
    const [roomId, other] = [await makeArchivedRoom(), await rig.makeRoom(50, 10)];
    await rig.elsewhere();
    await cql.cassandra.stop();
    await rig.turn(30);
    const words = await rig.words(other);
    await rig.turn(30);
    expect([await toForget(roomId), await toForget(other)]).toEqual([true, true]);
    // Nobody knows what an archive has that is away, so what PostgreSQL has of it stays as well.
    expect(await rig.words(other)).toEqual(words);
    expect(words).not.toContain(null);
    expect(await eventsAfter(roomId, 7)).toEqual([8]);
    await expect(rig.messages.events(roomId, 4, 100)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(rig.messages.events(roomId, 3, 100)).rejects.toEqual(new CodedError('events_forgotten'));

    await cql.cassandra.start();
    // Its driver looks for it each second.
    for (; (await toForget(roomId)) || (await toForget(other)); await delay(100)) await rig.turn(30);
    expect(await inCassandra(roomId)).toEqual([5, 6, 7]);
    expect(await eventsAfter(roomId, 4)).toEqual([5, 6, 7, 8]);
    expect((await rig.words(other)).map((body) => body === null)).toEqual([true, true, true, false]);
  }, 120_000);

  it('is not taken for gone as long as Cassandra gives it back', async () => {
    // So it looks where the clock of who deletes is behind the clock of who has put it there.
    class Deaf extends CqlBodies {
      override drop(): Promise<void> {
        return Promise.resolve();
      }
    }
    const roomId = await makeArchivedRoom();
    const deaf = new RetentionRepository(rig.store, cql.archive(Deaf));
    await rig.turn(30, 0, deaf);
    const [room] = (await deaf.hidden(firstId, 0)).filter((one) => one.roomId === roomId);
    await expect(deaf.forget(room ?? { roomId, after: 0, upTo: 0 })).rejects.toThrow('still has 4 events');
    await rig.turn(30, 0, deaf);
    expect(await toForget(roomId)).toBe(true);
    await rig.turn(30);
    expect(await toForget(roomId)).toBe(false);
    expect(await inCassandra(roomId)).toEqual([5, 6, 7]);
  });
});
