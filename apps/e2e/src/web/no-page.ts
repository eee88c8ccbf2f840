import { startMaru } from '../support/maru';

/** Whoever wants the back end alone. */
export function noPage(): void {
  it('WEB_PAGE=off leaves the page out, and nothing else', async () => {
    const maru = await startMaru({ env: { WEB_PAGE: 'off' } });
    try {
      const [url = ''] = maru.urls;
      expect((await fetch(`${url}/`)).status).toBe(404);
      expect((await fetch(`${url}/docs`)).status).toBe(200);
    } finally {
      await maru.stop();
    }
  }, 120_000);
}
