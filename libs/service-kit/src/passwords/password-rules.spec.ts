import { CodedError, password, passwordLength } from '@maru/contracts';
import common from './common-passwords.json';
import { refuseWeakPassword } from './password-rules';

const owner = { email: 'ada.lovelace@example.org', name: 'Augusta Ada King' };
const codeOf = (given: string): string | undefined => {
  try {
    refuseWeakPassword(given, owner);
    return undefined;
  } catch (error) {
    return (error as CodedError).code;
  }
};

describe('a chosen password', () => {
  it.each([
    'password123',
    'PassWord123',
    'qwertyuiop',
    '1234567890',
    'ｐａｓｓｗｏｒｄ１２３',
    'ada.lovelace@example.org',
    'Ada.Lovelace',
    'augusta ada king',
    'aaaaaaaaaaaaaaaa',
    'abababababab',
  ])('is refused when it is %s', (given) => expect(codeOf(given)).toBe('weak_password'));

  it.each([
    'correct horse battery',
    'password123 and more',
    'ada.lovelace and more',
    '말이 맞다 배터리 스테이플',
  ])('may be %s', (given) => expect(codeOf(given)).toBeUndefined());

  it('is held against a list whose every entry the length would let through', () => {
    expect(common.passwords.length).toBeGreaterThan(2500);
    for (const entry of common.passwords) {
      expect([entry, password.safeParse(entry).success, codeOf(entry)]).toEqual([
        entry,
        true,
        'weak_password',
      ]);
    }
  });

  it('has its length counted in code points, and none is cut', () => {
    const { least, most } = passwordLength;
    for (const [length, taken] of [
      [least - 1, false],
      [least, true],
      [most, true],
      [most + 1, false],
    ] as const) {
      expect([length, password.safeParse('😀'.repeat(length)).success]).toEqual([length, taken]);
      expect([length, password.safeParse('x'.repeat(length)).success]).toEqual([length, taken]);
    }
    const spaced = `  ${'é'.repeat(20)}  `;
    expect(password.parse(spaced)).toBe(spaced);
    expect(password.safeParse(`lone surrogate \ud800`).success).toBe(false);
  });
});
