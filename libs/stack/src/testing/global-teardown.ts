import type { TestStack } from './global-setup';

export default async function tearDown(): Promise<void> {
  await (globalThis as { maruTestStack?: TestStack }).maruTestStack?.stop();
}
