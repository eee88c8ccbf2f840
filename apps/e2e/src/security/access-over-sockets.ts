import { type Ack, type ClientEvent, errorTable } from '@maru/contracts';
import { io } from 'socket.io-client';
import { ChatClient } from '../support/chat-client';
import type { Maru } from '../support/maru';
import { until } from '../support/until';
import { Cast, type TrialRoom } from './cast';
import { eventRules } from './event-rules';
import { expected, type Role, roomKinds, type Trial } from './rules';

type Client = ChatClient;
const outside: Role[] = ['stranger', 'former'];
const events = Object.keys(eventRules) as ClientEvent[];

/** Every rule of the table against a running gateway: what is acked, what is done, and what outsiders hear. */
export function accessOverSockets(maru: () => Maru, cast: () => Cast): void {
  const clients = new Map<Role, Client>();
  /** Rooms that an outsider may not hear, and where his right to hear them ended. */
  const closed: { client: Client; room: TrialRoom; upTo: number }[] = [];

  beforeAll(async () => {
    for (const role of ['stranger', 'former', 'member', 'moderator', 'owner'] as const) {
      const user = cast().userOf(role);
      if (user) clients.set(role, await new ChatClient(user, { urls: maru().urls }).connect());
    }
  }, 60_000);
  afterAll(() => clients.forEach((client) => client.drop()));

  it.each(
    events.flatMap((event) => eventRules[event].map((rule) => ({ event, rule, what: rule.what ?? '' }))),
  )('$event $what', async ({ event, rule }) => {
    const wrong: string[] = [];
    for (const kind of roomKinds) {
      for (const role of Cast.rolesIn(kind)) {
        const client = clients.get(role);
        if (client === undefined) continue;
        const trial = await cast().trial(role, kind);
        await hears(client, role, trial);
        const should = expected(rule, role, kind);
        const ack = await client.ask(event, rule.ask(trial));
        const seen = outcome(ack);
        if (seen !== should) wrong.push(`${role}, ${kind} room: acked ${seen}, not ${should}`);
        if (should !== 'done' && (await cast().seqOf(trial.room.id)) !== trial.room.seq)
          wrong.push(`${role}, ${kind} room: was refused, and yet done`);
        if (outside.includes(role) && (should !== 'done' || kind !== 'public'))
          closed.push({ client, room: trial.room, upTo: role === 'former' ? trial.room.leftSeq : 0 });
      }
    }
    expect(wrong).toEqual([]);
  });

  it('lets outsiders hear nothing of the rooms that they were refused, and members nothing of the asking', async () => {
    const { room } = await cast().trial('owner', 'private');
    const owner = clients.get('owner');
    await owner?.caughtUp(room.id, room.seq);
    expect(closed.length).toBeGreaterThan(20);
    for (const { client, room: shut, upTo } of closed) {
      const later = client.record.heard(shut.id).filter(({ seq }) => seq > upTo);
      expect({ who: client.user.name, later }).toEqual({ who: client.user.name, later: [] });
      const told = [...(owner?.record.signals ?? [])].filter(({ body }) => {
        const { roomId, userId } = body as { roomId?: string; userId?: string };
        return roomId === shut.id && userId === client.user.id;
      });
      expect(told).toEqual([]);
    }
  });

  it.each([
    ['nobody', 'unauthenticated'],
    ['deleted', 'session_ended'],
  ] as const)('lets %s not even connect', async (role, code) => {
    const token = cast().userOf(role)?.token;
    const auth = token === undefined ? {} : { token };
    const options = { auth, transports: ['websocket'], forceNew: true, reconnection: false };
    const socket = io(maru().urls[0] ?? '', options);
    const heard: string[] = [];
    socket.onAny((name: string) => heard.push(name));
    const error = await new Promise<Error & { data?: unknown }>((resolve) =>
      socket.on('connect_error', resolve),
    );
    socket.disconnect();
    expect(error.data).toMatchObject({ code, retryable: false });
    expect(heard).toEqual([]);
  });
}

/** A member has heard the room to where it stands, so that the gateway knows him as one; a former one his leaving. */
async function hears(client: Client, role: Role, { room }: Trial): Promise<void> {
  if (role === 'stranger') return;
  await until(
    `${role} hears ${room.id}`,
    () => client.record.last(room.id) >= (role === 'former' ? room.leftSeq : room.seq),
  );
}

function outcome(ack: Ack): string {
  if (ack.ok) return 'done';
  const { code, retryable } = ack.error;
  return errorTable[code].retryable === retryable ? code : `${code} with retryable ${retryable}`;
}
