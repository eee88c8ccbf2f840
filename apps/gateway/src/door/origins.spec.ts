import { originAllowed, originsSetting } from './origins';

describe('the list of origins', () => {
  it.each(['*', 'https://chat.example.org', 'http://127.0.0.1:3310, capacitor://localhost'])(
    'may be %s',
    (list) => expect(originsSetting.safeParse(list).success).toBe(true),
  );
  it.each([
    'https://chat.example.org/',
    'https://chat.example.org/app',
    'https://*.example.org',
    'chat.example.org',
    'https://Chat.example.org',
    'null',
    '',
  ])('may not be %j', (list) => expect(originsSetting.safeParse(list).success).toBe(false));

  it('is held letter by letter', () => {
    const list = originsSetting.parse('https://chat.example.org,http://localhost:8080');
    for (const good of ['https://chat.example.org', 'http://localhost:8080', undefined]) {
      expect(originAllowed(list, good)).toBe(true);
    }
    for (const bad of [
      'http://chat.example.org',
      'https://chat.example.org:444',
      'https://chat.example.org.evil.example',
      'https://evil.chat.example.org',
      'https://chat.example.org/',
      'http://localhost',
      'null',
      '',
    ]) {
      expect([bad, originAllowed(list, bad)]).toEqual([bad, false]);
    }
    expect(originAllowed(originsSetting.parse('*'), 'https://anybody.example')).toBe(true);
  });
});
