import { closingTable, errorTable, kafkaAccess, topics } from '@maru/contracts';
import { appNames } from '@maru/stack';
import { collectDefaultMetrics } from 'prom-client';
import { type Metric, metricsOf, ourMetrics } from '../metrics';
import { namesIn, type Selector } from './promql';

/** What Prometheus puts on every series, as docker/monitoring/prometheus.yaml has it. */
const byScraping = ['job', 'instance'];
const ofPrometheus: Record<string, string[]> = { up: [], ALERTS: ['alertname', 'alertstate', 'severity'] };

/** By metric, the labels of its series: ours, those of Node.js, Prometheus' own. */
const labelsOf = new Map<string, string[]>([
  ...[...ourMetrics(), ...metricsOf('Node.js', (register) => collectDefaultMetrics({ register }))].flatMap(
    series,
  ),
  ...Object.entries(ofPrometheus),
]);

function series({ name, labels, histogram }: Metric): [string, string[]][] {
  if (!histogram) return [[name, labels]];
  return [
    [`${name}_bucket`, [...labels, 'le']],
    ...['_sum', '_count'].map((end): [string, string[]] => [`${name}${end}`, labels]),
  ];
}

const codes = Object.keys(errorTable);
/** Labels of which it is known what they may say. */
const valuesOf: Record<string, readonly string[]> = {
  job: appNames,
  topic: Object.values(topics),
  group: Object.values(kafkaAccess).flatMap(({ groups }) => groups),
  'gateway_refused_total.code': codes,
  'gateway_closed_total.code': Object.keys(closingTable),
  'maru_commands_total.outcome': ['ok', 'duplicate', ...codes],
};

/** What an expression, and a text that is shown with its result, name that is not there. */
export function unknownNames(expression: string, shown = ''): string[] {
  const { selectors, lists, aggregated } = namesIn(expression);
  const own = selectors.flatMap(({ metric }) => labelsOf.get(metric) ?? []);
  const left = aggregated ? lists : [...own, ...byScraping];
  return [
    ...(selectors.length === 0 ? ['no metric at all'] : []),
    ...selectors.flatMap(unknownIn),
    ...lists.filter((label) => ![...own, ...byScraping].includes(label)).map((label) => `no label ${label}`),
    ...[...shown.matchAll(/\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}/g)]
      .map(([, label = '']) => label)
      .filter((label) => !left.includes(label))
      .map((label) => `no ${label} to show`),
  ];
}

function unknownIn({ metric, matchers }: Selector): string[] {
  const labels = labelsOf.get(metric);
  if (labels === undefined) return [`no metric ${metric}`];
  return matchers.flatMap(({ label, value }) => {
    if (![...labels, ...byScraping].includes(label)) return [`no label ${label} of ${metric}`];
    const known = valuesOf[`${metric}.${label}`] ?? valuesOf[label];
    // Of a regular expression what is a mere name.
    const names = value.split('|').filter((name) => /^[\w-]+(\.[\w-]+)*$/.test(name));
    return names
      .filter((name) => known !== undefined && !known.includes(name))
      .map((name) => `no ${label} "${name}" of ${metric}`);
  });
}
