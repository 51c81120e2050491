import { Metrics } from '../../../src/observability/metrics/metrics';
import { traceReadings } from '../../../src/observability/tracing/trace-readings';
import { tracingEnvironment } from '../../../src/observability/tracing/settings';
import { PredictionLog } from '../../../src/observability/prediction-log/prediction-log';
import { readingsOf, type ServerState } from '../../../src/server/state-readings';
import { readDocument, tableOf } from '../../support/documents';
import { selectorsOf } from '../../support/promql';

/** Every metric of the server, by name; nothing is read. */
const metrics = new Metrics({ isLoaded: () => false });
metrics.add(readingsOf({} as ServerState));
metrics.add(traceReadings());
metrics.add(PredictionLog.readings(undefined));
const known = new Map(metrics.described.map(({ name, labels }) => [name, labels]));

/** What Prometheus adds to all that it scrapes. */
const ADDED = ['instance', 'job'];

/** What is wrong with an expression: metrics and labels that there are not. */
function faultsOf(expression: string): string[] {
  const selectors = selectorsOf(expression);
  if (selectors.length === 0) return [`names no metric: ${expression}`];
  return selectors.flatMap(({ metric, labels }) => {
    if (metric === 'up') return [];
    const name = known.has(metric) ? metric : metric.replace(/_(bucket|sum|count)$/, '');
    const allowed = known.get(name);
    if (!allowed) return [`there is no ${metric}`];
    const isBucket = metric === `${name}_bucket`;
    return labels
      .filter((label) => !allowed.includes(label) && !ADDED.includes(label) && !(label === 'le' && isBucket))
      .map((label) => `${metric} has no label ${label}`);
  });
}

describe('docs/metrics.md', () => {
  const page = readDocument('docs/metrics.md');
  const documented = [...page.matchAll(/^\| `(\w+)` +\| (?:counter|gauge|histogram) +\| ([^|]*)\| (.+) \|$/gm)];

  it('explains every metric with its labels, and none that there is not', () => {
    const rows = documented.map(([, name, labels = '']) => [name, [...labels.matchAll(/\w+/g)].map(String)]);
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(known));
    expect(rows).toHaveLength(known.size);
  });

  it('explains each by a question', () => {
    expect(documented.filter(([, , , question = '']) => !question.includes('?')).map(([, name]) => name)).toEqual([]);
  });

  it('asks by metrics and labels that there are', () => {
    const asked = tableOf(page, 'question').map(([, ...cells]) => cells.join('|'));
    expect(asked.length).toBeGreaterThan(4);
    expect(asked.flatMap(faultsOf)).toEqual([]);
  });
});

describe('docs/traces.md', () => {
  it('lists every setting of traces', () => {
    const listed = tableOf(readDocument('docs/traces.md'), 'variable').map(([name]) => name);
    expect(listed.toSorted()).toEqual(Object.keys(tracingEnvironment.shape).sort());
  });
});

describe('deploy/', () => {
  it('has a dashboard whose every panel names metrics and labels that there are', () => {
    const text = readDocument('deploy/grafana/predictql.json');
    const expressions = [...text.matchAll(/"expr": ("(?:[^"\\]|\\.)*")/g)].map(
      ([, json = '']) => JSON.parse(json) as string,
    );
    expect(expressions.length).toBeGreaterThan(25);
    expect(expressions.flatMap(faultsOf)).toEqual([]);
    const variables = [...text.matchAll(/label_values\((\w+), (\w+)\)/g)];
    expect(variables.flatMap(([, metric = '', label = '']) => faultsOf(`${metric}{${label}="x"}`))).toEqual([]);
  });

  it('has alerts on metrics and labels that there are', () => {
    const rules = readDocument('deploy/prometheus/alerts.yml').split('- alert: ').slice(1);
    const expressions = rules.map((rule) => /expr: \|?([\s\S]*?)\n {8}(?:for|labels):/.exec(rule)?.[1] ?? '');
    expect(expressions.length).toBeGreaterThan(8);
    expect(expressions.flatMap(faultsOf)).toEqual([]);
  });
});

describe('the check itself', () => {
  it.each([
    ['rate(predictql_nothing_total[5m])', 'there is no predictql_nothing_total'],
    ['predictql_ready{model="x"}', 'predictql_ready has no label model'],
    ['sum by (colour) (predictql_engine_up)', 'predictql_engine_up has no label colour'],
    [
      'rate(predictql_prediction_duration_seconds_total[5m])',
      'there is no predictql_prediction_duration_seconds_total',
    ],
  ])('finds what is wrong with %s', (expression, fault) => {
    expect(faultsOf(expression)).toEqual([fault]);
  });
});
