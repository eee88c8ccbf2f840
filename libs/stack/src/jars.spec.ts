import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { setImmediate as pause } from 'node:timers/promises';
import { makeTempFolder, removeFolder } from './folders';
import { jarsFolder, sharedClasses } from './jars';

describe('the classes that starts of a server share', () => {
  const before = process.env.MARU_CACHE;
  let cache: string;
  beforeEach(() => {
    cache = process.env.MARU_CACHE = makeTempFolder();
    mkdirSync(jarsFolder('kafka'), { recursive: true });
  });
  afterEach(() => {
    removeFolder(cache);
    if (before === undefined) delete process.env.MARU_CACHE;
    else process.env.MARU_CACHE = before;
  });

  const asked: string[] = [];
  beforeEach(() => void asked.splice(0));
  /** A run of the server that ends as `end` says, and may write the archive that it is asked for. */
  const running = (end: (archive: string) => void) => async (flags: string[]) => {
    const archive = flags.join(' ').replace('-XX:ArchiveClassesAtExit=', '');
    asked.push(archive);
    await pause();
    end(archive);
  };
  const writing = running((archive) => writeFileSync(archive, 'classes'));
  const failing = running((archive) => {
    writeFileSync(archive, 'half of the classes');
    throw new Error('no port left');
  });

  it('are those of the first run, made once', async () => {
    const flags = await sharedClasses('kafka', writing);
    const archive = /-XX:SharedArchiveFile=(\S+)/.exec(flags.join(' '))?.[1] ?? '';
    expect(existsSync(archive)).toBe(true);
    expect(await sharedClasses('kafka', writing)).toEqual(flags);
    expect(asked).toHaveLength(1);
  });

  it('are left out when the run fails, which leaves nothing and is made again', async () => {
    expect(await sharedClasses('kafka', failing)).toEqual([]);
    expect(asked.some(existsSync)).toBe(false);
    expect(await sharedClasses('kafka', writing)).not.toEqual([]);
  });

  it('are left out with a Java that writes none, which is asked once', async () => {
    const silent = running(() => undefined);
    expect(await sharedClasses('kafka', silent)).toEqual([]);
    expect(await sharedClasses('kafka', silent)).toEqual([]);
    expect(asked).toHaveLength(1);
  });
});
