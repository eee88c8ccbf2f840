import { source as axe } from 'axe-core';
import { talkAbout } from './lively';
import type { PageUser } from './page-user';
import type { Stage } from './stage';

interface Finding {
  id: string;
  impact: string | null;
  nodes: { html: string; failureSummary?: string }[];
}

/** What axe holds against the page as it is, all of it that it calls serious or critical. */
async function findings({ page }: Pick<PageUser, 'page'>): Promise<string[]> {
  await page.evaluate(`${axe}; undefined`);
  const { violations } = await page.evaluate<{ violations: Finding[] }>('axe.run(document)');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
    );
}

/** Nothing serious stands in the way of those who cannot see it, or use no mouse. */
export function accessibility(stage: () => Stage): void {
  it.each(['light', 'dark'] as const)(
    'axe finds nothing serious, in the %s',
    async (colorScheme) => {
      const context = await stage().browser.newContext({ colorScheme });
      const page = await context.newPage();
      await page.goto(stage().url);
      await page.getByRole('button', { name: 'Create an account' }).waitFor();
      expect(await findings({ page })).toEqual([]);
      await page.getByRole('button', { name: 'Create an account' }).click();
      expect(await findings({ page })).toEqual([]);
      await context.close();

      const ada = await stage().signUp('Ada Lovelace', stage().url, { colorScheme });
      expect(await findings(ada)).toEqual([]);
      await talkAbout(stage(), ada);
      expect(await findings(ada)).toEqual([]);
      for (const opened of ['New room', 'Browse', 'People', 'About this room']) {
        await ada.page.getByRole('button', { name: opened, exact: true }).click();
        await ada.page.getByRole('dialog').waitFor();
        expect(await findings(ada)).toEqual([]);
        await ada.page.keyboard.press('Escape');
        await ada.page.getByRole('dialog').waitFor({ state: 'detached' });
      }
      await ada.page.setViewportSize({ width: 390, height: 780 });
      expect(await findings(ada)).toEqual([]);
      await ada.page.getByRole('link', { name: 'All conversations' }).click();
      await ada.rooms.first().waitFor();
      expect(await findings(ada)).toEqual([]);
    },
    120_000,
  );
}
