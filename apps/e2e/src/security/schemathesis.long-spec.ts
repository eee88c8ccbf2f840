import { execFile, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder, makeTempFolder, removeFolder } from '@maru/stack';
import { type Maru, startMaru } from '../support/maru';
import { newUser, type TestUser } from '../support/user';
import { sessionOf } from './cast';

const pinned = readFileSync(path.join(__dirname, 'schemathesis.requirements.txt'), 'utf8').trim();
const own = path.join(cacheFolder('schemathesis'), 'bin/schemathesis');
const program = [own, 'schemathesis'].find((name) => spawnSync(name, ['--version']).status === 0);
if (program === undefined)
  process.stdout.write(
    `skipped: Schemathesis over the OpenAPI; "python3 -m venv ${cacheFolder('schemathesis')} && ` +
      `${path.dirname(own)}/pip install ${pinned}" installs it\n`,
  );

const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'ignored_auth',
];
const long = process.env.MARU_LONG === '1';
const withinMs = long ? 1_800_000 : 600_000;
/** His session would be over for all that follows. */
const fatal = 'DELETE /api/users/me';
const nothing = { code: 0, findings: '' };

interface Known {
  room?: string;
  user?: string;
  session: string;
}

/** Random requests, right ones and wrong ones, to every route: only what is documented is answered, and no 500. */
(program === undefined ? describe.skip : describe)('Schemathesis finds nothing', () => {
  let maru: Maru;
  let folder: string;
  let ann: TestUser;
  let bob: TestUser;
  let room: string;
  beforeAll(async () => {
    folder = makeTempFolder();
    maru = await startMaru();
    [ann, bob] = [await newUser(maru.rest(), 'Ann'), await newUser(maru.rest(), 'Bob')];
    const { id } = await maru.rest().createRoom(ann.token, { name: 'Tea', visibility: 'private' });
    room = id;
    await maru.rest().post(ann.token, room, { text: 'hello' });
  }, 120_000);
  afterAll(async () => {
    await maru.stop();
    removeFolder(folder);
  });

  it(
    'as a user in a room of her own',
    async () => {
      const without = [fatal, 'DELETE /api/rooms/{id}'];
      expect(await attempt(ann, { room, user: bob.id, session: await another(ann) }, without)).toEqual(
        nothing,
      );
      expect((await maru.rest().messages(ann.token, room)).items.length).toBeGreaterThan(0);
    },
    withinMs,
  );

  if (long)
    it(
      'as another user, who asks for that room',
      async () => {
        expect(await attempt(bob, { room, user: ann.id, session: await another(bob) })).toEqual(nothing);
        expect(await maru.rest().ask('GET', `/rooms/${room}`, bob.token)).toMatchObject({ status: 404 });
      },
      withinMs,
    );

  it(
    'as a user who asks for rooms and users that there are none of',
    async () => {
      expect(await attempt(bob, { session: await another(bob) })).toEqual(nothing);
    },
    withinMs,
  );

  /** A session of hers that may be ended: the program tries every id that it was ever told. */
  const another = async ({ email, password }: TestUser): Promise<string> =>
    sessionOf((await maru.rest().logIn(email, password)).accessToken);

  async function attempt(user: TestUser, known: Known, without = [fatal]): Promise<typeof nothing> {
    const config = path.join(folder, 'schemathesis.toml');
    writeFileSync(config, settings(known));
    const args = [
      ...['--config-file', config, '--no-color', 'run', `${maru.urls[0]}/docs/openapi.json`],
      ...['--url', maru.urls[0] ?? '', '--header', `Authorization: Bearer ${user.token}`],
      ...['--checks', checks.join(), '--max-examples', long ? '200' : '5'],
      ...['--phases', 'examples,coverage,fuzzing', '--generation-database', 'none', '--seed', '1'],
      ...['--continue-on-failure', '--request-timeout', '30', '--warnings', 'off'],
      ...without.flatMap((name) => ['--exclude-name', name]),
    ];
    const result = await new Promise<typeof nothing>((resolve) => {
      execFile(program ?? '', args, { cwd: folder, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
        const code = error === null ? 0 : Number(error.code);
        resolve({ code, findings: code === 0 ? '' : `${stdout}${stderr}`.slice(-6000) });
      });
    });
    // Else most of what was tried was refused for that.
    expect(await maru.rest().ask('GET', '/users/me', user.token)).toMatchObject({ status: 200 });
    return result;
  }
});

/** Ids of the path are those that are known. */
function settings({ room, user, session }: Known): string {
  const path = (names: Record<string, string | undefined>) =>
    Object.entries(names).flatMap(([name, id]) => (id === undefined ? [] : [`"path.${name}" = "${id}"`]));
  const ids: [string, string[]][] = [
    ['^/api/rooms/\\\\{id\\\\}', path({ id: room, userId: user })],
    ['^/api/users/\\\\{id\\\\}', path({ id: user })],
    ['^/api/direct/', path({ userId: user })],
    ['^/api/auth/sessions/', path({ id: session })],
  ];
  const operations = ids
    .filter(([, parameters]) => parameters.length > 0)
    .map(
      ([at, parameters]) =>
        `[[operations]]\ninclude-path-regex = "${at}"\nparameters = { ${parameters.join(', ')} }\n`,
    );
  return ['[phases.coverage]\nunexpected-methods = []\n', ...operations].join('\n');
}
