import { until } from '../support/until';
import { fill, p95, scroll } from './scroll-trial';
import type { Stage } from './stage';

const count = 10_000;

/** A long room is read like a short one. */
export function longHistory(stage: () => Stage): void {
  it('10,000 messages: older ones come without a jump, few are in the page, and it stays smooth', async () => {
    const ada = await stage().signUp('Ada');
    const said = (text: RegExp) => ada.page.locator('.message-text', { hasText: text }).last();
    const room = stage().roomName('Long');
    const roomId = await ada.createRoom(room);
    const { door } = await stage().plainMember('Bob', roomId);
    await fill(door, count);
    door.cut();
    await ada.page.reload();
    await said(new RegExp(`^${count - 1}: `)).waitFor();

    // A page is put in front: what is being read stays where it is.
    // By its text, as the row itself may be made anew.
    const where = (text: string): Promise<{ top: number; at: number } | null> =>
      ada.page.evaluate(`(() => {
        const texts = [...document.querySelectorAll('.message-text')];
        const row = texts.find((one) => one.textContent === ${JSON.stringify(text)})?.closest('.rows > li');
        return row ? { top: row.getBoundingClientRect().top, at: Number(row.dataset.index) } : null;
      })()`);
    const held = Promise.withResolvers<void>();
    await ada.page.route(/messages\?before=/, async (route) => {
      await held.promise;
      await route.continue();
    });
    await ada.holds(`document.querySelector('.timeline').scrollTop > 1000`);
    await ada.page.evaluate(`document.querySelector('.timeline').scrollTop = 700`);
    // What is in view, once the rows there have been drawn and measured.
    const text = await ada.holds<string>(`(() => {
      const { bottom } = document.querySelector('.timeline').getBoundingClientRect();
      const line = [...document.querySelectorAll('.message-text')].find((one) => {
        const { top } = one.closest('.rows > li').getBoundingClientRect();
        return top > 120 && top < bottom - 120;
      });
      const place = line && line.textContent + line.getBoundingClientRect().top;
      const stands = line !== undefined && window.marked?.place === place ? window.marked.times + 1 : 0;
      window.marked = { place, times: stands };
      return stands > 10 && line.textContent;
    })()`);
    const before = await where(text);
    held.resolve();
    const after = await until('older messages are there', async () => {
      const now = await where(text);
      return now !== null && now.at > (before?.at ?? 0) + 50 && now;
    });
    expect(Math.abs(after.top - (before?.top ?? 0))).toBeLessThanOrEqual(2);

    const up = await scroll(ada, -600, 120_000);
    await ada.page.getByText('This is where it begins.').waitFor();
    await said(/^0: /).waitFor();
    const down = await scroll(ada, 600, 60_000);
    await said(new RegExp(`^${count - 1}: `)).waitFor();
    expect(Math.max(up.rows, down.rows)).toBeLessThanOrEqual(300);
    // npm run scroll measures it on a machine that does nothing else; this one may be busy.
    expect(p95([...up.frames, ...down.frames])).toBeLessThan(250);
  }, 400_000);
}
