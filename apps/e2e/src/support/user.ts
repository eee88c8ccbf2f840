import { randomUUID } from 'node:crypto';
import type { Rest } from './rest';

/** Somebody who has signed up and is logged in. */
export interface TestUser {
  id: string;
  email: string;
  name: string;
  password: string;
  token: string;
  refreshToken: string;
}

/** Signs up a user whose e-mail nobody else has, and logs in. */
export async function newUser(rest: Rest, name: string): Promise<TestUser> {
  const email = `${randomUUID()}@e2e.test`;
  const password = `pass-${randomUUID()}`;
  await rest.signUp(email, name, password);
  const { accessToken: token, refreshToken, user } = await rest.logIn(email, password);
  return { id: user.id, email, name, password, token, refreshToken };
}

/** Many of them, a few at a time: each costs two argon2 hashes. */
export function newUsers(rest: Rest, names: readonly string[], onEach?: () => void): Promise<TestUser[]> {
  return eachOf(names, 8, async (name) => {
    const user = await newUser(rest, name);
    onEach?.();
    return user;
  });
}

/** Runs `work` on every item, `width` at a time; results in the order of the items. */
export async function eachOf<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      results[index] = await work(items[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  return results;
}
