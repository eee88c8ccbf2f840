import { asyncApi, openApi } from './documents';
import { indexPage } from './index-page';

describe('the index page', () => {
  const page = indexPage(openApi, asyncApi);

  it('links both documents, and shows every route and every channel', () => {
    expect(page).toContain('href="/docs/openapi.json"');
    expect(page).toContain('href="/docs/asyncapi.json"');
    for (const path of Object.keys(openApi.paths)) expect(page).toContain(`<code>${path}</code>`);
    for (const { address } of Object.values(asyncApi.channels)) {
      expect(page).toContain(`<code>${address}</code>`);
    }
  });
});
