import { randomUUID } from 'node:crypto';
import type { Command, CommandReply, RoomEvent } from '@maru/contracts';
import { ensureDatabase, type Kysely, migrate, openDatabase, sql } from '@maru/postgres';
import { createLogger } from '@maru/service-kit';
import type { EventBodies } from '../archive/event-bodies';
import { History } from '../archive/history';
import { MessagesRepository } from '../messages/messages.repository';
import { RetentionRepository } from '../retention/retention.repository';
import { RetentionService } from '../retention/retention.service';
import { migrations } from '../store/migrations';
import { decideBatch } from '../writer/batch';
import { emptySnapshot, namesOf } from '../writer/snapshot';
import { WriterRepository } from '../writer/writer.repository';

const dayMs = 24 * 60 * 60 * 1000;

/** A store of its own whose rooms were made and talked in days ago, and what forgets them. */
export class PastRig {
  readonly ann = randomUUID();
  readonly history: History;
  readonly writer: WriterRepository;
  readonly repository: RetentionRepository;
  readonly messages: MessagesRepository;
  private offset = 0;

  private constructor(
    readonly store: Kysely<never>,
    archive: EventBodies | undefined,
  ) {
    this.history = new History(archive);
    this.writer = new WriterRepository(store, this.history);
    this.repository = new RetentionRepository(store, archive);
    this.messages = new MessagesRepository(store, this.history);
  }

  static async start(archive?: EventBodies): Promise<PastRig> {
    const url = new URL(process.env['DATABASE_URL'] ?? '');
    url.pathname = `/past_${randomUUID().replaceAll('-', '')}`;
    await ensureDatabase(url.href);
    const settings = { poolSize: 4, statementTimeoutMs: 10_000, applicationName: 'past' };
    const store = openDatabase<never>({ url: url.href, ...settings });
    await migrate(store, migrations);
    await sql`insert into topology values (true, 'c', 't', 1)`.execute(store);
    return new PastRig(store, archive);
  }

  stop(): Promise<void> {
    return this.store.destroy();
  }

  /** What a process does each ten minutes that keeps history for so many days. */
  async turn(days: number | undefined, settledMs = 0, repository = this.repository): Promise<void> {
    const env = { ...(days !== undefined && { HISTORY_RETENTION_DAYS: days }) };
    await new RetentionService(repository, env, createLogger('retention', 'silent')).turn(settledMs);
  }

  /** Decides and commits a command that was asked so many days ago. */
  async does(command: object, daysAgo = 0): Promise<CommandReply | undefined> {
    const at = Date.now() - daysAgo * dayMs;
    const { offset } = this;
    const claim = await this.writer.claim(0);
    const record = {
      offset,
      appendedAt: at,
      command: command as Command,
      replyTo: { asker: 'a', slot: 0, id: 'x' },
    };
    const snapshot = emptySnapshot();
    await this.writer.lookUp(namesOf([record]), snapshot);
    const span = { claim, unpublished: offset, offset, nextOffset: ++this.offset };
    const outcome = decideBatch([record], snapshot, undefined, at);
    const { repeats } = await this.writer.commit(span, outcome);
    if (repeats.size === 0) return outcome.replies[0]?.body;
    for (const [key, message] of repeats) snapshot.messages.set(key, message);
    const again = decideBatch([record], snapshot, undefined, at);
    await this.writer.commit(span, again);
    return again.replies[0]?.body;
  }

  ask(type: string, roomId: string, more: object = {}, userId = this.ann): object {
    return { type, roomId, userId, id: randomUUID(), ...more };
  }

  say(roomId: string, id: string, more: object = {}): object {
    return this.ask('sendMessage', roomId, {
      ...{ id, text: `words of ${id}`, kind: 'text', metadata: {} },
      ...more,
    });
  }

  /** Its first two events are of 60 days ago; then messages, one for each of `daysAgo`, from seq 3 on. */
  async makeRoom(...daysAgo: number[]): Promise<string> {
    const roomId = randomUUID();
    await this.does(
      this.ask('createRoom', roomId, { name: 'Room', visibility: 'public', memberIds: [] }),
      60,
    );
    for (const [at, days] of daysAgo.entries()) await this.does(this.say(roomId, `m${at + 3}`), days);
    return roomId;
  }

  /** So that the batch before need not be published again. */
  async elsewhere(): Promise<void> {
    await this.makeRoom();
  }

  /** The messages that she can read. */
  async seqsOf(roomId: string): Promise<number[]> {
    const page = await this.messages.messages(roomId, this.ann, { limit: 50 });
    return page?.items.map((item) => (JSON.parse(item) as RoomEvent).seq) ?? [];
  }

  /** What PostgreSQL has of each of its events, by seq. */
  async words(roomId: string): Promise<(string | null)[]> {
    const { rows } = await sql<{ body: string | null }>`
      select body from events where room_id = ${roomId} order by seq`.execute(this.store);
    return rows.map(({ body }) => body);
  }
}
