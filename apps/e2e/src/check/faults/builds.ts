import { renameSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { type AppName, appNames } from '@maru/stack';
import type { CheckStack } from '../check-stack';
import type { CatalogueFault } from './catalogue';
import { backInService, endAndWait, namesOf, orderly, runOf } from './processes';

const own = path.resolve(__dirname, '../../../../../dist/apps');
/** Services first: a new gateway may ask for what only new services know. */
const order = ['api-users', 'api-auth', 'api-chat', 'router', 'gateway'] as const;

/** Two builds of the apps: each process that is started takes the one that is current then. */
export class Builds {
  private readonly link: string;

  /** `other`: a folder as `dist/apps` is. The link that says which is current lies in `home`. */
  constructor(
    home: string,
    private readonly other: string,
  ) {
    this.link = path.join(home, 'apps');
    this.use(own);
  }

  get mains(): Record<AppName, string> {
    const main = (name: AppName) => path.join(this.link, name, 'main.js');
    return Object.fromEntries(appNames.map((name) => [name, main(name)])) as Record<AppName, string>;
  }

  /** Every app in turn from this build to the other, each only when the one before is back, and all the way back. */
  upgradeAndBack(): CatalogueFault {
    return {
      kind: 'rolling upgrade, and back',
      minSeconds: 100,
      times: 1,
      throw: async (on) => {
        await this.roll(on, this.other);
        await this.roll(on, own);
      },
    };
  }

  private async roll(on: CheckStack, to: string): Promise<void> {
    this.use(to);
    for (const name of order.flatMap((kind) => namesOf(runOf(on), kind))) {
      await endAndWait(on, name, orderly(name));
      await backInService(on, name);
    }
  }

  /** In one step, so that whoever starts meanwhile takes one of them. */
  private use(folder: string): void {
    symlinkSync(folder, `${this.link}.new`);
    renameSync(`${this.link}.new`, this.link);
  }
}
