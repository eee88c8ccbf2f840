import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type AppName, appNames } from '../apps';

/** Four stand-ins for the apps in a folder of the test, and what they wrote down. */
export class StandInApps {
  readonly mains: Record<AppName, string>;
  readonly env: NodeJS.ProcessEnv;

  constructor(private readonly folder: string) {
    const main = (name: AppName) => path.join(folder, `${name}.js`);
    for (const name of appNames) copyFileSync(path.join(__dirname, 'stand-in-app.js'), main(name));
    this.mains = Object.fromEntries(appNames.map((name) => [name, main(name)])) as Record<AppName, string>;
    this.env = { STAND_IN_LOG: path.join(folder, 'notes') };
  }

  notes(): string[] {
    const file = path.join(this.folder, 'notes');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }
}
