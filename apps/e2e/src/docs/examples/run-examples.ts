import { type Route, routes } from '@maru/contracts';
import { Cast } from '../../security/cast';
import { ask } from '../../security/access-over-rest';
import {
  expected,
  type Role,
  roomKinds,
  type RoomKind,
  type RouteRule,
  routeRules,
} from '../../security/rules';
import type { Maru } from '../../support/maru';
import { newUser } from '../../support/user';

/** What a route was asked and what it answered. */
export interface Example {
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
  status: number;
  answer?: unknown;
}
export type Examples = Record<string, Example>;

export const nameOf = ({ method, path }: Route): string => `${method} ${path}`;

/** Those that may be asked with a token, or with nothing. */
export const askable = routes.filter(({ access }) => access === 'public' || access === 'user');

/** So that lists have something in them when they are asked for. */
const order = ['delete', 'post', 'patch', 'get'];
const roles: Role[] = ['owner', 'member', 'stranger'];

/** Asks each of them once, as the first of the access rules has it, and as somebody who may. */
export async function runExamples(maru: Maru): Promise<Examples> {
  const cast = await Cast.make(maru.rest());
  const examples: Examples = {};
  const inOrder = [...askable].sort((one, other) => order.indexOf(one.method) - order.indexOf(other.method));
  for (const route of inOrder) {
    const example = await exampleOf(route, maru, cast);
    if (example) examples[nameOf(route)] = example;
  }
  return Object.fromEntries(
    routes.flatMap((route) => {
      const example = examples[nameOf(route)];
      return example ? [[nameOf(route), example]] : [];
    }),
  );
}

async function exampleOf(route: Route, maru: Maru, cast: Cast): Promise<Example | undefined> {
  for (const rule of routeRules.filter((one) => one.route === nameOf(route))) {
    for (const [role, kind] of mayAsk(rule)) {
      const asker = rule.spends ? await newUser(maru.rest(), 'Dan') : undefined;
      const { params, query, body, answer } = await ask(maru, rule, await cast.trial(role, kind, asker));
      if (!(answer.status in route.answers)) continue;
      return {
        ...(params && { params }),
        ...(query !== '' && { query: queryOf(query) }),
        ...(body !== undefined && { body }),
        status: answer.status,
        ...(answer.body !== undefined && { answer: answer.body }),
      };
    }
  }
  return undefined;
}

/** Those to whom it is done, by this rule. */
const mayAsk = (rule: RouteRule): [Role, RoomKind][] =>
  roomKinds.flatMap((kind) =>
    roles
      .filter((role) => expected(rule, role, kind) === 'done')
      .map((role): [Role, RoomKind] => [role, kind]),
  );

const queryOf = (query: string): Record<string, unknown> =>
  Object.fromEntries(
    [...new URLSearchParams(query)].map(([name, value]) => [
      name,
      /^\d+$/.test(value) ? Number(value) : value,
    ]),
  );
