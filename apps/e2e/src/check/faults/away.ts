import { pause } from '../../support/until';
import type { CheckStack } from '../check-stack';
import type { CatalogueFault } from './catalogue';

/** PostgreSQL stopped in order and kept away; only whoever started it can keep it from coming back at once. */
export function storeAway({ processes }: CheckStack, seconds: number): CatalogueFault[] {
  const store = processes?.get('postgres');
  if (!store) return [];
  return [
    {
      kind: `postgres away ${seconds} s`,
      minSeconds: seconds,
      times: 1,
      throw: async () => {
        await store.stop();
        try {
          await pause(seconds * 1000);
        } finally {
          await store.start();
        }
      },
    },
  ];
}
