import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { checkSpace } from '../checks';
import { makeTempFolder, removeFolder } from '../folders';
import { freePort } from '../free-port';
import { processIdentity } from '../process-identity';
import { MaruCommand } from '../testing/maru-command';

describe('npm start and npm run reset', () => {
  let folder: string;
  beforeEach(() => {
    folder = makeTempFolder();
  });
  afterEach(() => removeFolder(folder));

  const home = () => path.join(folder, 'home');
  const maru = (args: string[], env: NodeJS.ProcessEnv = {}) =>
    new MaruCommand(args, { MARU_HOME: home(), ...env }).ended;
  /** A PATH on which only Node is to be found. */
  const bare = { PATH: path.dirname(process.execPath) };

  async function listen(port: number): Promise<Server> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return server;
  }

  it('ends with one sentence and the remedy when there is no Java', async () => {
    const { code, stderr } = await maru(['start'], bare);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Kafka needs Java 17 or newer and there is no "java" on the PATH: install it .*\.\n$/,
    );
  });

  it('ends with one sentence and the remedy when Kafka is to be fetched and there is no Maven', async () => {
    const bin = path.join(folder, 'bin');
    mkdirSync(bin);
    writeFileSync(path.join(bin, 'java'), '#!/bin/sh\necho \'openjdk version "21.0.1"\' >&2\n', {
      mode: 0o755,
    });
    const { code, stderr } = await maru(['start'], {
      PATH: `${bare.PATH}:${bin}`,
      MARU_CACHE: path.join(folder, 'cache'),
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Maven fetches Kafka the first time and there is no "mvn".*\.\n$/);
  });

  it('ends with one sentence and the remedy when a port is in use', async () => {
    const port = await freePort();
    const server = await listen(port);
    const { code, stderr } = await maru(['start'], {
      GATEWAY_PORT: String(port),
      API_USERS_PORT: String(await freePort()),
    });
    server.close();
    expect(code).toBe(1);
    expect(stderr).toBe(
      `Port ${port} (gateway) is in use: end what listens there, or set GATEWAY_PORT to another port.\n`,
    );
  });

  it('says which flag is wrong', async () => {
    expect(await maru(['start', '--brokers', '2'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^--brokers takes/) as string,
    });
    expect(await maru(['start', '--gates', '2'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/--gates/) as string,
    });
  });

  it('says when the disk is full', () => {
    expect(() => checkSpace(path.join(folder, 'not', 'there'), 1)).not.toThrow();
    expect(() => checkSpace(folder, 2 ** 60)).toThrow(
      /MB left and \d+ MB are needed: make room, or set MARU_HOME/,
    );
  });

  it('reset clears what start made and nothing else, and refuses while Maru runs', async () => {
    mkdirSync(path.join(home(), 'data', 'one-broker'), { recursive: true });
    writeFileSync(path.join(home(), 'mine'), '');
    writeFileSync(path.join(home(), 'lock'), processIdentity(process.pid) ?? '');
    const refused = await maru(['reset']);
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Maru already runs from') as string,
    });
    expect(existsSync(path.join(home(), 'data'))).toBe(true);

    writeFileSync(path.join(home(), 'lock'), '999999/1');
    expect(await maru(['reset'])).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(path.join(home(), 'data'))).toBe(false);
    expect(existsSync(path.join(home(), 'mine'))).toBe(true);
    expect(existsSync(path.join(home(), 'lock'))).toBe(false);
  });
});
