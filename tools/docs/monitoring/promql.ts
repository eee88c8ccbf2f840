/** The series of a metric that an expression asks for. */
export interface Selector {
  metric: string;
  matchers: { label: string; value: string }[];
}

/** What an expression of PromQL names. */
export interface Named {
  selectors: Selector[];
  /** Labels after `by`, `on` and the like. */
  lists: string[];
  /** Labels that are not listed are gone from the result. */
  aggregated: boolean;
}

const beforeLists = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right']);
const operators = new Set(['and', 'or', 'unless', 'offset', 'bool']);
const aggregations = new Set(['sum', 'min', 'max', 'avg', 'count', 'quantile', 'topk']);
/** Texts, words, numbers with their units, and signs. */
const tokens = /"(?:[^"\\]|\\.)*"|[A-Za-z_]\w*|\d[\w.]*|\S/g;
const isWord = (token: string): boolean => /^[A-Za-z_]/.test(token);

/** Metrics and labels, of expressions as we write them: it is no parser, and what promtool refuses it may take. */
export function namesIn(expression: string): Named {
  // Grafana's own variables stand for durations.
  const all: string[] = expression.replaceAll(/\$\w+/g, '5m').match(tokens) ?? [];
  const named: Named = { selectors: [], lists: [], aggregated: all.some((token) => aggregations.has(token)) };
  for (let at = 0; at < all.length; at++) {
    const [token = '', next = ''] = all.slice(at, at + 2);
    if (!isWord(token) || operators.has(token)) continue;
    if (beforeLists.has(token)) {
      if (next !== '(') continue;
      const end = all.indexOf(')', at);
      named.lists.push(...all.slice(at, end).filter((word) => isWord(word) && word !== token));
      at = end;
    } else if (next === '{') {
      const end = all.indexOf('}', at);
      named.selectors.push({ metric: token, matchers: matchersIn(all.slice(at + 2, end)) });
      at = end;
    } else if (next !== '(' && !beforeLists.has(next)) {
      named.selectors.push({ metric: token, matchers: [] });
    }
  }
  return named;
}

function matchersIn(inner: readonly string[]): Selector['matchers'] {
  const labels = inner.filter(isWord);
  const values = inner.filter((token) => token.startsWith('"')).map((token) => JSON.parse(token) as string);
  return labels.map((label, index) => ({ label, value: values[index] ?? '' }));
}
