import { email, externalId, password, pictureUrl } from './users';
import { clientId, deadline, displayName, messageKind, messageText, metadata } from './values';

const takes = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success;

describe('an id given by a client', () => {
  it.each(['a', 'A-1._:z', 'x'.repeat(64)])('may be %s', (id) => expect(takes(clientId, id)).toBe(true));
  it.each(['', 'a b', 'ä', 'a/b', 'x'.repeat(65), 7])('may not be %s', (id) =>
    expect(takes(clientId, id)).toBe(false),
  );
});

describe('a name', () => {
  it.each(['Ann', 'Zoë van der Berg', '마루', '👩‍👩‍👧 family', '😀'.repeat(64)])('may be %s', (name) =>
    expect(takes(displayName, name)).toBe(true),
  );
  it.each(['', '   ', 'a\nb', 'a\u0000', 'a\u202eb', '\ud800', '😀'.repeat(65), 'x'.repeat(65)])(
    'may not be %j',
    (name) => expect(takes(displayName, name)).toBe(false),
  );
});

describe('a text', () => {
  it('is kept to the letter', () => expect(messageText.parse('  a\n\tb  ')).toBe('  a\n\tb  '));
  it.each([' ', '', '\n\u2003', 'a\0', '\udc00'])('may not be %j', (text) =>
    expect(takes(messageText, text)).toBe(false),
  );
  it('has at most 8,000 code points, however many units they take', () => {
    expect(takes(messageText, '😀'.repeat(8000))).toBe(true);
    expect(takes(messageText, '😀'.repeat(8001))).toBe(false);
    expect(takes(messageText, 'x'.repeat(8001))).toBe(false);
  });
});

describe('metadata', () => {
  it('has at most 4 KB as JSON', () => {
    expect(takes(metadata, { a: 'x'.repeat(4096 - '{"a":""}'.length) })).toBe(true);
    expect(takes(metadata, { a: 'x'.repeat(4097 - '{"a":""}'.length) })).toBe(false);
  });
  it('has nothing that cannot be stored, at any depth', () => {
    expect(takes(metadata, { a: [{ b: 'x\0' }] })).toBe(false);
    expect(takes(metadata, { 'k\ud800': 1 })).toBe(false);
    expect(takes(metadata, { a: 'a back slash and u0000: \\u0000' })).toBe(true);
  });
  it.each([5_000, 30_000, 500_000])('is refused, and no more, when it is nested %d deep', (depth) => {
    const nested: unknown = JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
    expect(takes(metadata, { a: nested })).toBe(false);
  });
  it.each([[[]], ['text'], [null], [3]])('is no %j', (value) => expect(takes(metadata, value)).toBe(false));
});

describe('other words', () => {
  it('a kind is a lower-case word', () => {
    expect(takes(messageKind, 'join-request2')).toBe(true);
    expect(takes(messageKind, 'Text')).toBe(false);
  });
  it('an e-mail is trimmed and compared without regard to case', () =>
    expect(email.parse(' Ann@Example.COM ')).toBe('ann@example.com'));
  it('a password is never trimmed', () => expect(password.parse('  12 signs  ')).toBe('  12 signs  '));
  it('a name from elsewhere and a picture can be stored', () => {
    expect([takes(externalId, 'auth0|7'), takes(externalId, '\0'), takes(externalId, '\ud800')]).toEqual([
      ...[true, false, false],
    ]);
    expect([takes(pictureUrl, 'https://a.example/p.png'), takes(pictureUrl, 'http://a/\0b')]).toEqual([
      ...[true, false],
    ]);
  });
  it('a time that somebody names is one that every server can read', () => {
    expect([takes(deadline, '9999-12-31T23:59:59Z'), takes(deadline, '0000-01-01T00:00:00Z')]).toEqual([
      ...[true, false],
    ]);
  });
});
