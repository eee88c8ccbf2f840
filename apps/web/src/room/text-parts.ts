import { namedIn } from './mentions';

export type Part =
  { is: 'text'; text: string } | { is: 'link'; text: string; href: string } | { is: 'mention'; text: string };

const link = /\bhttps?:\/\/[^\s<>"]+/giu;
/** What ends a sentence is not part of the address before it. */
const behind = new Set('.,:;!?\'"*_~]');

/** A text cut into what is shown as text, as a link, and as somebody's name. Links lead to http and https alone. */
export function partsOf(text: string, names: readonly string[]): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const match of text.matchAll(link)) {
    const shown = trimmed(match[0]);
    const href = hrefOf(shown);
    if (href === undefined) continue;
    parts.push(...withMentions(text.slice(at, match.index), names), { is: 'link', text: shown, href });
    at = match.index + shown.length;
  }
  parts.push(...withMentions(text.slice(at), names));
  return parts;
}

/** In time that grows with the length alone: anybody may write anything. */
function trimmed(address: string): string {
  // A bracket that was opened before the address is closed behind it.
  let unopened = 0;
  for (const letter of address) unopened += letter === ')' ? 1 : letter === '(' ? -1 : 0;
  let end = address.length;
  for (; end > 0; end--) {
    const last = address.charAt(end - 1);
    if (last === ')' && unopened > 0) unopened--;
    else if (!behind.has(last)) break;
  }
  return address.slice(0, end);
}

function hrefOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, href } = new URL(text);
  return protocol === 'http:' || protocol === 'https:' ? href : undefined;
}

function withMentions(text: string, names: readonly string[]): Part[] {
  if (text === '') return [];
  const parts: Part[] = [];
  let rest = 0;
  for (const { at, name } of namedIn(text, names)) {
    if (at > rest) parts.push({ is: 'text', text: text.slice(rest, at) });
    parts.push({ is: 'mention', text: `@${name}` });
    rest = at + 1 + name.length;
  }
  if (rest < text.length) parts.push({ is: 'text', text: text.slice(rest) });
  return parts;
}
