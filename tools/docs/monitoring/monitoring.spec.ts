import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { appNames, makeTempFolder, portSettings, removeFolder } from '@maru/stack';
import { parse, stringify } from 'yaml';
import { unknownNames } from './known-names';

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string };
}
interface RuleTest {
  alert_rule_test: { alertname: string; exp_alerts?: unknown[] }[];
}
interface Asked {
  expr: string;
  datasource: { uid: string };
  legendFormat?: string;
  titleFormat?: string;
}
interface Panel {
  id: number;
  type: string;
  title: string;
  targets?: Asked[];
}
interface Dashboard {
  schemaVersion: number;
  panels: Panel[];
  annotations: { list: Asked[] };
  templating: { list: { name: string; type: string; query: string }[] };
}
interface Prometheus {
  rule_files: string[];
  scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
}

const root = path.resolve(__dirname, '../../..');
const folder = path.join(root, 'docker/monitoring');
const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
const rules = (parse(read('alerts.yaml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const dashboard = JSON.parse(read('dashboard.json')) as Dashboard;
const asked = [...dashboard.annotations.list, ...dashboard.panels.flatMap(({ targets = [] }) => targets)];

describe('the alert rules', () => {
  it.each(rules)('$alert asks for metrics and labels that there are', ({ expr, annotations }) => {
    expect(unknownNames(expr, annotations.summary)).toEqual([]);
  });

  it('are told in docs/operate.md, each and nothing else', () => {
    const page = readFileSync(path.join(root, 'docs/operate.md'), 'utf8');
    const [, section = ''] = /\n## Alerts\n([\s\S]*?)\n## /.exec(page) ?? [];
    const told = [...section.matchAll(/^\| `(Maru\w+)` +\| (\w+) /gm)].map(([, alert, severity]) => ({
      ...{ alert, severity },
    }));
    expect(told).toEqual(rules.map(({ alert, labels: { severity } }) => ({ alert, severity })));
  });

  it('are each seen to fire and to be silent in alerts.test.yaml', () => {
    const { tests } = parse(read('alerts.test.yaml')) as { tests: RuleTest[] };
    const seen = tests.flatMap((test) => test.alert_rule_test);
    const names = (fires: boolean): string[] =>
      seen.filter(({ exp_alerts: expected = [] }) => expected.length > 0 === fires).map((at) => at.alertname);
    const all = rules.map(({ alert }) => alert).sort();
    expect([...new Set(names(true))].sort()).toEqual(all);
    expect([...new Set(names(false))].sort()).toEqual(all);
  });
});

describe('the dashboard', () => {
  const panels = dashboard.panels.filter(({ type }) => type !== 'row');

  it.each(panels)('$title asks for metrics and labels that there are', ({ targets = [] }) => {
    expect(targets.length).toBeGreaterThan(0);
    expect(targets.flatMap(({ expr, legendFormat }) => unknownNames(expr, legendFormat))).toEqual([]);
  });

  it.each([
    ['how long delivery takes', /^histogram_quantile\(0\.99, .*gateway_send_to_delivery_seconds_bucket/],
    ['lag', /kafka_consumer_lag_records\{group="api-chat"\}/],
    ['what was refused', /gateway_refused_total/],
    ['who was cut off', /sum by \(code\) .*gateway_closed_total/],
    ['connections', /gateway_connections/],
    ['dead letters', /kafka_records_dead_lettered_total/],
  ])('shows %s', (_, expression) => {
    expect(
      panels.flatMap(({ targets = [] }) => targets).filter(({ expr }) => expression.test(expr)),
    ).not.toEqual([]);
  });

  it('asks the Prometheus that is chosen at its top', () => {
    expect(dashboard.templating.list).toMatchObject([
      { name: 'datasource', type: 'datasource', query: 'prometheus' },
    ]);
    expect(asked.filter(({ datasource }) => datasource.uid !== '${datasource}')).toEqual([]);
  });

  it('marks the alerts, and its panels can be told apart', () => {
    for (const { expr, titleFormat } of dashboard.annotations.list)
      expect(unknownNames(expr, titleFormat)).toEqual([]);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });
});

describe('names that are not there', () => {
  it.each([
    ['gateway_conections', 'no metric gateway_conections'],
    ['rate(gateway_send_to_delivery_seconds[5m])', 'no metric gateway_send_to_delivery_seconds'],
    ['sum by (room) (gateway_connections)', 'no label room'],
    ['gateway_closed_total{reason="too_slow"}', 'no label reason of gateway_closed_total'],
    ['gateway_closed_total{code=~"too_slow|slow"}', 'no code "slow" of gateway_closed_total'],
    ['up{job="api-room"} == 0', 'no job "api-room" of up'],
    ['1 + 1', 'no metric at all'],
  ])('are found: %s', (expression, problem) => {
    expect(unknownNames(expression)).toEqual([problem]);
  });

  it('are found in what is shown', () => {
    expect(unknownNames('sum(rate(gateway_closed_total[5m]))', '{{code}}')).toEqual(['no code to show']);
    expect(unknownNames('up == 0', '{{ $labels.pod }} is down')).toEqual(['no pod to show']);
  });
});

describe('prometheus.yaml', () => {
  it('scrapes each app by its name, where npm start has it, and loads the rules', () => {
    const { rule_files: files, scrape_configs: jobs } = parse(read('prometheus.yaml')) as Prometheus;
    expect(files).toEqual(['alerts.yaml']);
    expect(jobs.map((job) => job.job_name).sort()).toEqual([...appNames].sort());
    for (const { job_name: name, static_configs: places } of jobs) {
      const { port } = Object.values(portSettings).find((setting) => setting.name === name) ?? { port: 0 };
      // Routers are there only when they are asked for.
      expect(places).toEqual([{ targets: name === 'router' ? [] : [`127.0.0.1:${port}`] }]);
    }
  });
});

/** Whether it is installed here; says how to install it when it is not. */
function hasPromtool(): boolean {
  if (spawnSync('promtool', ['--version']).error === undefined) return true;
  process.stdout.write('skipped: promtool; "apt-get install prometheus" installs it\n');
  return false;
}

describe('promtool', () => {
  const withPromtool = hasPromtool() ? it : it.skip;
  const promtool = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' });
    return { status, said: stdout + stderr };
  };
  const fine = { status: 0, said: expect.not.stringContaining('FAILED') as string };

  withPromtool('takes the scrape configuration and the rules', () => {
    expect(promtool('check', 'config', 'prometheus.yaml')).toEqual(fine);
  });

  withPromtool('sees each alert fire and be silent', () => {
    expect(promtool('test', 'rules', 'alerts.test.yaml')).toEqual(fine);
  });

  withPromtool('takes every expression of the dashboard', () => {
    const temp = makeTempFolder('maru-dashboard-');
    const file = path.join(temp, 'rules.yaml');
    const check = (expressions: string[]) => {
      const made = expressions.map((expr, index) => ({
        ...{ record: `asked_${index}`, expr: expr.replaceAll(/\$\w+/g, '5m') },
      }));
      writeFileSync(file, stringify({ groups: [{ name: 'dashboard', rules: made }] }));
      return promtool('check', 'rules', file);
    };
    try {
      expect(check(asked.map(({ expr }) => expr))).toEqual(fine);
      expect(check(['sum by (code (up)'])).toMatchObject({ status: 1 });
    } finally {
      removeFolder(temp);
    }
  });
});
