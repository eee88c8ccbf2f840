import type { Stage } from './stage';

const hostile = [
  '<img src=x onerror="document.title=\'owned\'"><b>bold</b><script>document.title="owned"</script>',
  'javascript:alert(1) and JaVaScRiPt://example.org/%0aalert(1)',
  'data:text/html,<script>1</script> vbscript:x file:///etc/passwd',
  '[click](javascript:alert(1)) <a href="javascript:alert(1)">here</a>',
];

/** What others write is text and nothing else. */
export function safety(stage: () => Stage): void {
  it('a text full of HTML and of links that run stays text; only http and https are links', async () => {
    const ada = await stage().signUp('<i>Ada</i>');
    const room = stage().roomName('<b>Bold</b>');
    await ada.createRoom(room);
    for (const text of hostile) {
      await ada.say(text);
      await ada.sees(text);
    }
    await ada.say('See http://example.org/a?b=c#d, and (https://example.org/e).');
    await ada.sees('See http://example.org/a?b=c#d, and (https://example.org/e).');

    expect(await ada.texts()).toEqual(expect.arrayContaining(hostile));
    const links: string[] = await ada.page.evaluate(
      'Array.from(document.querySelectorAll(".rows a"), (link) => link.href)',
    );
    expect(links).toEqual(['http://example.org/a?b=c#d', 'https://example.org/e']);
    expect(await ada.page.locator('.rows').locator('img, script, b, i').count()).toBe(0);
    expect(await ada.page.title()).toBe('Maru');
  }, 90_000);

  it('the browser itself refuses scripts, styles and hosts that are not of the page', async () => {
    const answer = await fetch(stage().url);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).not.toMatch(/unsafe|\*|https?:|data:/);
    expect(policy.split('; ')).toEqual(
      expect.arrayContaining(["default-src 'none'", "script-src 'self'", "connect-src 'self'"]),
    );
    const html = await answer.text();
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/);

    const ada = await stage().signUp('Ada');
    // As a script on the page would do it.
    const refused = await ada.page.evaluate(`(async () => {
      const heard = [];
      document.addEventListener('securitypolicyviolation', (event) => heard.push(event.effectiveDirective));
      const script = document.createElement('script');
      try { script.textContent = '1'; } catch { heard.push('trusted-types'); }
      try { document.body.innerHTML += '<p>'; } catch { heard.push('trusted-types'); }
      await fetch('http://127.0.0.1:1/').catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 100));
      return heard;
    })()`);
    expect(refused).toEqual(expect.arrayContaining(['trusted-types', 'connect-src']));
    // Chromium tells of each.
    ada.complaints.length = 0;
  }, 90_000);

  it('its files are kept by their names, the page itself is asked for anew', async () => {
    const page = await fetch(stage().url);
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const files = [...(await page.text()).matchAll(/(?:src|href)="(page\.[^"]+)"/g)].map(([, name]) => name);
    expect(files).toHaveLength(2);
    for (const name of files) {
      const file = await fetch(`${stage().url}/${name}`);
      expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    }
    expect((await fetch(`${stage().url}/docs`)).status).toBe(200);
  });
}
