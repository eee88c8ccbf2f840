import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { roomId as roomIdShape } from '@maru/contracts';
import { openDatabase } from '@maru/postgres';
import { ConfigError, createLogger } from '@maru/service-kit';
import { Registry } from 'prom-client';
import type { ChatEnv } from '../chat.config';
import { ArchiveAwayError } from './archive-away.error';
import { ArchiveMetrics } from './archive.metrics';
import { ArchiveRepository, type HistoryStore } from './archive.repository';
import type { ArchiveEnv } from './cql.config';
import { CqlBodies } from './cql-bodies';
import { HistoryMover } from './history-mover';

type MoveEnv = ArchiveEnv & Pick<ChatEnv, 'DATABASE_URL' | 'DATABASE_STATEMENT_TIMEOUT_MS' | 'LOG_LEVEL'>;

const usage = 'Usage: node main.js move-history <roomId> | --all --to cql|postgres';
const againMs = 2000;
const lowestId = '00000000-0000-0000-0000-000000000000';

/**
 * For people: moves the history of a room, or of all, while it is read and written. Killed at any line it has lost
 * nothing, and goes on where it was when it is started again. `say` is told how far it is.
 */
export async function moveHistory(args: string[], env: MoveEnv, say: (line: string) => void): Promise<void> {
  const { rooms, to } = read(args);
  if (env.CQL_CONTACT_POINTS === undefined)
    throw new ConfigError('CQL_CONTACT_POINTS must be set: name the nodes that hold the archive.');
  const store = openDatabase<never>({
    url: env.DATABASE_URL,
    poolSize: 2,
    statementTimeoutMs: env.DATABASE_STATEMENT_TIMEOUT_MS,
    applicationName: 'api-chat.move-history',
  });
  const repository = new ArchiveRepository(store);
  const logger = createLogger('api-chat.move-history', env.LOG_LEVEL);
  const archive = new CqlBodies(env, new ArchiveMetrics(new Registry()), logger, (work) =>
    repository.oneAtATime(work),
  );
  try {
    const move = new HistoryMove(repository, new HistoryMover(repository, archive), env, to, say);
    await (rooms === 'all' ? move.all() : move.one(rooms));
  } finally {
    await archive.close();
    await store.destroy();
  }
}

class HistoryMove {
  constructor(
    private readonly repository: ArchiveRepository,
    private readonly mover: HistoryMover,
    private readonly env: MoveEnv,
    private readonly to: HistoryStore,
    private readonly say: (line: string) => void,
  ) {}

  async all(): Promise<void> {
    let [count, after] = [0, lowestId];
    for (;;) {
      const ids = await this.repository.roomsToMove(this.to, this.env.HISTORY_TAIL_EVENTS, after);
      for (const id of ids) await this.move(id);
      count += ids.length;
      after = ids.at(-1) ?? '';
      if (after === '') break;
    }
    this.say(`${count} rooms: all that is old is in ${this.to}.`);
  }

  async one(roomId: string): Promise<void> {
    if (!(await this.repository.hasRoom(roomId))) throw new ConfigError(`There is no room ${roomId}.`);
    await this.move(roomId);
  }

  /** From the first line on the workers of api-chat keep to it as well. */
  private async move(roomId: string): Promise<void> {
    const { HISTORY_STORE: standard, HISTORY_TAIL_EVENTS: tail } = this.env;
    await this.repository.meanFor(roomId, this.to === standard ? null : this.to);
    let sum = 0;
    const moved = (events: number): void => {
      sum += events;
      if (events > 0) this.say(`${roomId}: ${sum} events are in ${this.to}`);
    };
    const move = () =>
      this.to === 'cql' ? this.mover.toArchive(roomId, tail, moved) : this.mover.toPostgres(roomId, moved);
    while (!(await this.isDone(roomId, move)));
  }

  /** While the archive is away it waits, for as long as nobody ends it; the log says why. */
  private async isDone(roomId: string, move: () => Promise<void>): Promise<boolean> {
    try {
      await move();
      return true;
    } catch (error) {
      if (!(error instanceof ArchiveAwayError)) throw error;
      this.say(`${roomId}: the archive is away, tried again in ${againMs / 1000} s`);
      await delay(againMs);
      return false;
    }
  }
}

function read(args: string[]): { rooms: string; to: HistoryStore } {
  const { values, positionals } = parse(args);
  const { to, all } = values;
  const [room] = positionals;
  if (to !== 'cql' && to !== 'postgres') throw new ConfigError(`--to takes cql or postgres. ${usage}`);
  if (positionals.length !== (all ? 0 : 1)) throw new ConfigError(`Name one room, or --all. ${usage}`);
  if (room !== undefined && !roomIdShape.safeParse(room).success)
    throw new ConfigError(`${room} is no id of a room. ${usage}`);
  return { rooms: room ?? 'all', to };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { to: { type: 'string' }, all: { type: 'boolean', default: false } },
    });
  } catch (error) {
    throw new ConfigError(`${(error as Error).message} ${usage}`);
  }
}
