import { existsSync } from 'node:fs';
import { Home } from '../home';
import { homeFolder } from './options';

/** `npm run reset`: removes users, rooms, messages and logs of this folder; refuses while Maru runs from it. */
export function reset(env: NodeJS.ProcessEnv): number {
  const folder = homeFolder(env);
  if (existsSync(folder)) {
    new Home(folder).clear();
    console.log(`Cleared ${folder}.`);
  } else {
    console.log(`There is nothing in ${folder}.`);
  }
  return 0;
}
