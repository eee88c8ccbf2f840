import { errorTable, type Route, routes } from '@maru/contracts';
import type { Maru } from '../support/maru';
import type { Answer } from '../support/rest';
import { newUser, type TestUser } from '../support/user';
import { Cast, sessionOf } from './cast';
import {
  expected,
  type Role,
  roomKinds,
  type RoomKind,
  type RouteAsk,
  type RouteRule,
  routeRules,
  type Trial,
} from './rules';

/** Every rule of the table against the running services: what is answered, what leaks, what is done. */
export function accessOverRest(maru: () => Maru, cast: () => Cast): void {
  it.each(routeRules.map((rule) => ({ ...rule, rule, name: [rule.route, rule.what].join(' ').trim() })))(
    '$name',
    async ({ rule }) => {
      const wrong: string[] = [];
      for (const [role, kind] of casesOf(rule)) {
        const asker = rule.spends && role === 'stranger' ? await newUser(maru().rest(), 'spent') : undefined;
        const trial = await cast().trial(role, kind, asker);
        const { answer } = await ask(maru(), rule, trial);
        const seen = outcome(rule, answer);
        const should = expected(rule, role, kind);
        const complaints = [
          ...(seen === should ? [] : [`answered ${seen}, not ${should}`]),
          ...leaks(answer, role, trial, rule, should === 'done'),
          ...(should === 'done' || (await cast().seqOf(trial.room.id)) === trial.room.seq
            ? []
            : ['was refused, and yet done']),
        ];
        wrong.push(...complaints.map((complaint) => `${role}, ${kind} room: ${complaint}`));
      }
      expect(wrong).toEqual([]);
    },
  );
}

const routeOf = (rule: RouteRule): Route => {
  const route = routes.find(({ method, path }) => `${method} ${path}` === rule.route);
  if (route === undefined) throw new Error(`the contracts have no route ${rule.route}`);
  return route;
};

function casesOf(rule: RouteRule): [Role, RoomKind][] {
  if (typeof rule.least !== 'string')
    return roomKinds.flatMap((kind) => Cast.rolesIn(kind).map((role): [Role, RoomKind] => [role, kind]));
  const roles: Role[] = [
    'nobody',
    'deleted',
    'stranger',
    ...(rule.least === 'owner' ? ['owner' as const] : []),
  ];
  return roles.map((role) => [role, 'private']);
}

interface Asked extends RouteAsk {
  query: string;
  answer: Answer<unknown>;
}

/** Asks what the rule says in this trial. */
export async function ask(maru: Maru, rule: RouteRule, trial: Trial): Promise<Asked> {
  const asked = { query: '', ...(await rule.ask(trial)) };
  const { params = {}, query, body } = asked;
  const { method, path, endless } = routeOf(rule);
  const at = path.replace('/api', '').replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? '') + query;
  const rest = maru.rest();
  const { token } = trial.asker ?? {};
  const answer = endless ? rest.begin(at, token) : rest.ask(method.toUpperCase(), at, token, body);
  return { ...asked, answer: await answer };
}

/** `done` when the answer is one that the contracts know for this route, as they have it. */
function outcome(rule: RouteRule, { status, body }: Answer<unknown>): string {
  const { answers } = routeOf(rule);
  if (status in answers) {
    const problem = answers[status]?.safeParse(body).error;
    return problem ? `${status} with another body: ${problem.message}` : 'done';
  }
  const { code } = body as { code: keyof typeof errorTable };
  return errorTable[code].status === status ? code : `${code} with status ${status}`;
}

/** What the asker has no business to see and yet finds in the answer. */
function leaks(
  { body }: Answer<unknown>,
  role: Role,
  { owner, third, room }: Trial,
  rule: RouteRule,
  may: boolean,
): string[] {
  const text = JSON.stringify(body ?? null);
  const inside = role === 'member' || role === 'moderator' || role === 'owner';
  const secrets: Record<string, string> = {
    // Who logs in with the owner's password is the owner, whatever token came along.
    ...secretsOf(owner, role === 'owner' || rule.least === 'anybody'),
    ...(!inside && { "the room's text": room.text }),
    ...(!inside && room.kind !== 'public' && { "the room's name": room.name, "the room's id": room.id }),
    ...(!may && { 'a member': third.id }),
  };
  return Object.entries(secrets)
    .filter(([, secret]) => text.includes(secret))
    .map(([what]) => `tells ${what}`);
}

function secretsOf(owner: TestUser, himself: boolean): Record<string, string> {
  return {
    "the owner's password": owner.password,
    "the owner's refresh token": owner.refreshToken,
    "the owner's session": sessionOf(owner.token),
    ...(!himself && { "the owner's e-mail": owner.email }),
  };
}
