import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Friend, type Me, topics, type UserUpdated, userUpdated } from '@maru/contracts';
import { ConsumerService, kafkaConfig, kafkaConfigFrom } from '@maru/kafka-client';
import { openDatabase, sql } from '@maru/postgres';
import { documented, DumpedDatabase, hasPgDump, makeTempFolder, removeFolder, runInShell } from '@maru/stack';
import { Scene } from './conversation/scene';
import { type Maru, startMaru } from './support/maru';
import { mavenClassPath } from './support/maven';
import type { Rest } from './support/rest';
import { until } from './support/until';
import { newUser, type TestUser } from './support/user';

const databases = ['maru_chat', 'maru_users', 'maru_auth'] as const;
type Database = (typeof databases)[number];

/** A Maru whose databases are lost one after the other, and restored as docs/operate.md says. */
(hasPgDump() ? describe : describe.skip)('a back-up of each database, older than what has happened', () => {
  const folder = makeTempFolder('maru-restore-');
  let maru: Maru;
  let scene: Scene;
  let rest: Rest;
  let dumps: Partial<Record<Database, DumpedDatabase>> = {};
  let ann: TestUser;
  let bob: TestUser;
  let cid: TestUser;
  let dora: TestUser;
  let eve: TestUser;
  let roomId: string;
  /** A little before the back-up. */
  let from: Date;

  const urlOf = (database: Database) =>
    Object.assign(new URL(maru.run.databaseUrl), { pathname: `/${database}` }).href;
  const processOf = (name: string) => {
    const found = maru.processes.get(name);
    if (found === undefined) throw new Error(`there is no ${name}`);
    return found;
  };

  // Maven may have to fetch it.
  beforeAll(async () => {
    const program = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand';
    const classPath = await mavenClassPath(
      path.join(__dirname, '../java/kafka-tools/pom.xml'),
      'kafka-tools',
    );
    const script = `#!/bin/sh\nexec java -cp '${classPath}' ${program} "$@"\n`;
    writeFileSync(path.join(folder, 'kafka-consumer-groups'), script);
    chmodSync(path.join(folder, 'kafka-consumer-groups'), 0o755);
  }, 300_000);
  beforeAll(async () => {
    maru = await startMaru();
    scene = new Scene(maru);
    rest = maru.rest();
    [ann, bob, dora, eve] = [
      await scene.user('Ann'),
      await scene.user('Bob'),
      await scene.user('Dora'),
      await scene.user('Eve'),
    ];
    await rest.get('POST', '/users/me/friends', ann.token, { userIds: [dora.id] });
    await rest.get('POST', `/users/me/friends/${ann.id}/accept`, dora.token);
    roomId = await scene.room('private', ann, bob);
    await rest.post(ann.token, roomId, { text: 'before' });
    from = new Date();
    const made = databases.map((name) => [name, new DumpedDatabase(urlOf(name))] as const);
    dumps = Object.fromEntries(made);
    for (const [, dump] of made) await dump.backUp();
    await live();
  }, 180_000);
  afterAll(async () => {
    scene.close();
    await maru.stop();
    for (const dump of Object.values(dumps)) dump.remove();
    removeFolder(folder);
  });

  /** What no back-up has. */
  async function live(): Promise<void> {
    for (const text of ['one', 'two', 'three']) await rest.post(ann.token, roomId, { text });
    await rest.read(bob.token, roomId, 4);
    await rest.get('PATCH', '/users/me', ann.token, { name: 'Ann, since' });
    await rest.get('POST', '/users/me/blocks', bob.token, { userId: ann.id });
    (await scene.client(dora)).drop();
    cid = await newUser(rest, 'Cid');
    await rest.add(ann.token, roomId, cid.id);
    await rest.get('DELETE', '/users/me', eve.token);
    const { lastLoginAt: first } = await me(bob);
    bob.token = (await rest.logIn(bob.email, bob.password)).accessToken;
    await until('all of it is known', async () => {
      const [{ lastSeen }, { lastLoginAt }] = [await friendOfAnn(), await me(bob)];
      return (await annIsBlocked()) && lastSeen !== undefined && lastLoginAt !== first;
    });
  }

  const me = ({ token }: TestUser) => rest.get<Me>('GET', '/users/me', token);
  const logInOf = ({ email, password }: TestUser) =>
    rest.ask('POST', '/auth/login', undefined, { email, password });
  const roomsOf = async ({ token }: TestUser) => (await rest.myRooms(token)).items;
  async function friendOfAnn(): Promise<Friend> {
    const { items } = await rest.get<{ items: [Friend] }>('GET', '/users/me/friends', ann.token);
    return items[0];
  }
  async function annIsBlocked(): Promise<boolean> {
    const blocks = `select from blocks where active and user_id = '${bob.id}' and blocked_id = '${ann.id}'`;
    const { rows } = await ask('maru_chat', blocks);
    return rows.length > 0;
  }

  /** Groups whose members were killed are empty only after a while; the command says so, and ends with 0. */
  async function putBack(groups: string[], topics = '--all-topics'): Promise<void> {
    const command = documented(/for group in [\s\S]*?done/)
      .replace(/for group in [^;]*;/, `for group in ${groups.join(' ')};`)
      .replace('--all-topics', topics)
      .replace(/2026-\S+Z/, from.toISOString());
    const PATH = `${folder}:${process.env['PATH']}`;
    const env = { ...process.env, PATH, KAFKA_BROKERS: maru.run.brokers.join() };
    let said = '';
    const isDone = async () => {
      said = await runInShell(command, { cwd: folder, env });
      return !said.includes('Error') && groups.every((group) => said.includes(group));
    };
    await until(() => `the groups are put back; it says ${said}`, isDone, 60_000);
  }

  async function ask(database: Database, statement: string) {
    const settings = { poolSize: 1, statementTimeoutMs: 10_000, applicationName: 'operator' };
    const store = openDatabase<never>({ url: urlOf(database), ...settings });
    return sql
      .raw(statement)
      .execute(store)
      .finally(() => store.destroy());
  }
  const run = (database: Database, statement: RegExp) =>
    ask(database, documented(statement).replace('2026-11-26 03:00Z', from.toISOString()));

  async function lose(app: string, database: Database): Promise<void> {
    await processOf(app).stop();
    await dumps[database]?.restore();
  }

  it('of maru_chat has every event, marker, block and sign of life again', async () => {
    const seen = async () => ({
      events: await rest.events(ann.token, roomId),
      rooms: [await roomsOf(ann), await roomsOf(bob), await roomsOf(cid)],
    });
    const [before, { lastSeen = '' }] = [await seen(), await friendOfAnn()];
    expect(before.events.length).toBeGreaterThan(6);
    await processOf('gateway').stop();
    await lose('api-chat', 'maru_chat');
    expect(await annIsBlocked()).toBe(false);
    await putBack(['api-chat-users', 'api-chat-reads', 'api-chat-presence']);
    await processOf('api-chat').start();
    await processOf('gateway').start();
    await maru.ready();
    let after = await seen();
    const same = async () => JSON.stringify((after = await seen())) === JSON.stringify(before);
    await until('all is there again', same, 30_000).catch(() => expect(after).toEqual(before));
    await until('the block is there again', annIsBlocked);
    await until('Dora was seen', async () => ((await friendOfAnn()).lastSeen ?? '') >= lastSeen);
    const direct = { text: 'not to who has blocked me' };
    expect((await rest.ask('POST', `/direct/${bob.id}/messages`, ann.token, direct)).status).toBe(404);
    expect((await rest.post(ann.token, roomId, { text: 'and on' })).seq).toBe(before.events.length + 1);
  }, 180_000);

  it('of maru_users has nothing of what came since but when people logged in, and goes on with versions and sign-ups', async () => {
    const { lastLoginAt } = await me(bob);
    await lose('api-users', 'maru_users');
    await putBack(['api-users'], '--topic auth.events');
    await run('maru_users', /update users set version[^`]*/);
    await run('maru_users', /select setval\('sign_up[^`]*/);
    await processOf('api-users').start();
    await maru.ready();
    expect(await me(ann)).toMatchObject({ name: 'Ann' });
    await until('Bob has logged in', async () => (await me(bob)).lastLoginAt === lastLoginAt);
    await rest.get('PATCH', '/users/me', ann.token, { name: 'Ann, anew' });
    const told = await toldOf(ann.id, 'Ann, anew');
    const [anew, ...before] = told.map(({ version }) => version).reverse();
    expect(anew).toBeGreaterThan(Math.max(...before));
    expect(await signUpAgain()).not.toBe(cid.id);
  }, 180_000);

  it('of maru_auth lets nobody go on with a session, in with the password of then, and sign up again who came since', async () => {
    const { id: lost } = await me(cid);
    const newPassword = 'nobody knows this any more';
    await rest.get('POST', '/auth/password', ann.token, { currentPassword: ann.password, newPassword });
    const { refreshToken } = await rest.logIn(ann.email, newPassword);
    await lose('api-auth', 'maru_auth');
    await putBack(['api-auth'], '--topic users.events');
    await run('maru_auth', /delete from sessions/);
    await run('maru_users', /update users set state = 'pending'[^`]*/);
    await processOf('api-auth').start();
    await maru.ready();
    for (const token of [refreshToken, ann.refreshToken])
      expect((await rest.ask('POST', '/auth/refresh', undefined, { refreshToken: token })).status).toBe(401);
    const { accessToken } = await rest.logIn(ann.email, ann.password);
    expect((await rest.post(accessToken, roomId, { text: 'back' })).seq).toBeGreaterThan(0);
    await until('Eve is deleted again', async () => (await logInOf(eve)).status === 401);
    expect(await signUpAgain()).not.toBe(lost);
  }, 180_000);

  /** Cid, whose e-mail is free. @returns his id from now on */
  async function signUpAgain(): Promise<string> {
    await rest.signUp(cid.email, cid.name, cid.password);
    const { accessToken, user } = await rest.logIn(cid.email, cid.password);
    cid = { ...cid, token: accessToken };
    return user.id;
  }

  /** What `users.events` says of a user's profile, up to this name. */
  async function toldOf(userId: string, upTo: string): Promise<UserUpdated[]> {
    const env = kafkaConfig.parse({ KAFKA_BROKERS: maru.run.brokers.join() });
    const consumer = new ConsumerService(kafkaConfigFrom(env, 'e2e'));
    const told: UserUpdated[] = [];
    await consumer.subscribe({
      group: `e2e.${Date.now()}`,
      topics: [topics.usersEvents],
      fromBeginning: true,
      worker: async (queue) => {
        for (;;)
          for (const { key, value, headers } of await queue.next(100))
            if (key === userId && /user.(created|updated)/.test(headers['ce_type'] ?? ''))
              told.push(userUpdated.parse(JSON.parse(String(value))));
      },
    });
    await until('it is told', () => told.at(-1)?.name === upTo);
    await consumer.stop();
    return told;
  }
});
