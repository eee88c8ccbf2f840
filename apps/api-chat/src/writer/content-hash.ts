import { hash } from 'node:crypto';

/** The same for the same content, whatever the order of its keys. */
export function contentHash(content: unknown): string {
  return hash('sha256', JSON.stringify(content, sortKeys), 'base64url').slice(0, 22);
}

function sortKeys(_: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
