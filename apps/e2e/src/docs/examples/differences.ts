/**
 * Where two answers differ in shape: in their fields and the types of them. A list that is empty and a null say nothing
 * of what else may stand there.
 */
export function differences(one: unknown, other: unknown, at = ''): string[] {
  if (one === null || other === null) return [];
  if (Array.isArray(one) && Array.isArray(other)) {
    const [first, second] = [one[0] as unknown, other[0] as unknown];
    return first === undefined || second === undefined ? [] : differences(first, second, `${at}[]`);
  }
  if (kindOf(one) !== kindOf(other)) return [`${at}: ${kindOf(one)} and ${kindOf(other)}`];
  if (kindOf(one) !== 'object') return [];
  const [left, right] = [one as Record<string, unknown>, other as Record<string, unknown>];
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return names.flatMap((name) => differences(left[name], right[name], `${at}.${name}`));
}

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'list' : typeof value);
