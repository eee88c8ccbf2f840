import { randomUUID } from 'node:crypto';
import { type MyRoom, type StreamCommandType, type StreamReply } from '@maru/contracts';
import { CommandStream } from '../support/command-stream';
import type { Maru } from '../support/maru';
import { Cast, sessionOf } from './cast';
import { commandRules } from './command-rules';
import { expected, type Role, roomKinds } from './rules';

const commands = Object.keys(commandRules) as StreamCommandType[];

/** Every rule of the table against a running gateway: what is replied, what is done, and whom an answer is about. */
export function accessBesideStreams(maru: () => Maru, cast: () => Cast): void {
  const streams = new Map<Role, { stream: CommandStream; token: string }>();

  // Sessions of their own: `logOut` ends them.
  beforeAll(async () => {
    const rest = maru().rest();
    for (const role of ['stranger', 'former', 'member', 'moderator', 'owner'] as const) {
      const user = cast().userOf(role);
      if (user === undefined) continue;
      const { accessToken: token } = await rest.logIn(user.email, user.password);
      streams.set(role, { stream: await new CommandStream(rest, token).open(), token });
    }
  }, 60_000);
  afterAll(() => streams.forEach(({ stream }) => stream.close()));

  it.each(
    commands.flatMap((command) =>
      commandRules[command].map((rule) => ({ command, rule, what: rule.what ?? '' })),
    ),
  )('$command $what', async ({ command, rule }) => {
    const wrong: string[] = [];
    for (const kind of typeof rule.least === 'string' ? (['private'] as const) : roomKinds) {
      for (const role of Cast.rolesIn(kind)) {
        const { stream } = streams.get(role) ?? {};
        if (stream === undefined) continue;
        const trial = await cast().trial(role, kind);
        const should = expected(rule, role, kind);
        const reply = (await stream.reply(randomUUID(), command, rule.ask(trial))) as StreamReply;
        const seen = reply.ok ? 'done' : reply.error.code;
        if (seen !== should) wrong.push(`${role}, ${kind} room: replied ${seen}, not ${should}`);
        if (should !== 'done' && (await cast().seqOf(trial.room.id)) !== trial.room.seq)
          wrong.push(`${role}, ${kind} room: was refused, and yet done`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('told each of his own rooms and session alone, and ended no other', async () => {
    const rest = maru().rest();
    for (const [role, { stream, token }] of streams) {
      const user = cast().userOf(role);
      const answers = stream.told.flatMap(({ body }) =>
        (body as StreamReply).ok ? [body as StreamReply] : [],
      );
      const [rooms, ended] = ['myRooms', 'logOut'].map((type) => answers.find((one) => one.type === type));
      expect(ended).toMatchObject({ answer: { id: sessionOf(token) } });
      const sessions = await rest.get<{ items: { id: string }[] }>('GET', '/auth/sessions', user?.token);
      const left = sessions.items.map(({ id }) => id);
      expect([left.includes(sessionOf(user?.token ?? '')), left.includes(sessionOf(token))]).toEqual([
        true,
        false,
      ]);
      const { items } = (rooms as { answer: { items: MyRoom[] } }).answer;
      for (const { id } of items) {
        const members = await rest.get<{ items: { userId: string }[] }>(
          'GET',
          `/rooms/${id}/members?limit=100`,
          user?.token,
        );
        expect(members.items.map(({ userId }) => userId)).toContain(user?.id);
      }
    }
  });
}
